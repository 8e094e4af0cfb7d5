import { type OfferedFile, sizeOf } from '../send/offer.js'
import type { Failure } from '../send/wire.js'
import { CliError } from '../shared/errors/cli-error.js'
import { asWriteError } from '../shared/errors/write-error.js'
import { assertRoom } from '../shared/files/free-space.js'
import { assertWritable } from '../shared/files/permissions.js'
import { confirm } from '../shared/terminal/ask.js'
import { claimFiles } from './claim.js'
import { DiskTarget } from './disk-target.js'
import type { ReceiveListener } from './incoming-transfer.js'
import { type PlannedFile, planReceive } from './plan.js'
import type { ReceiveView } from './receive-view.js'

/** What the user said beforehand. */
export interface AcceptanceOptions {
  readonly yes?: boolean
  readonly overwrite?: boolean
  readonly hidden?: boolean
}

/** Decides about offers. A sender that comes back with the same offer is not asked about again. */
export class Acceptance {
  readonly #folder: string
  readonly #options: AcceptanceOptions
  readonly #view: ReceiveView
  readonly #signal: AbortSignal
  #accepted: string | null = null
  #planned: readonly PlannedFile[] = []
  #totalBytes = 0
  #release = () => {}
  /** The files that are here. */
  files: OfferedFile[] = []

  constructor(folder: string, options: AcceptanceOptions, view: ReceiveView, signal: AbortSignal) {
    this.#folder = folder
    this.#options = options
    this.#view = view
    this.#signal = signal
  }

  listener(): ReceiveListener<DiskTarget> {
    const view = this.#view
    return {
      onOffer: (offer) => this.#decide(offer),
      onBusy: () =>
        view.say('Another receiver uses this code, perhaps an earlier one of yours; waiting for it to end.'),
      onBegin: (presentBytes) => view.begin(this.#totalBytes, presentBytes),
      onWritten: (bytes) => view.written(bytes),
      onFile: ({ offered }) => void this.files.push(offered),
      onChanged: (file) => view.onChanged(file),
      failureOf
    }
  }

  async #decide(offer: readonly OfferedFile[]) {
    const { hidden: hasHidden, overwrite } = this.#options
    const plan = planReceive(offer, this.#folder, { hasHidden, overwrite })
    const text = JSON.stringify(offer)
    if (this.#accepted !== text) {
      this.#view.offer(plan, this.#folder)
      assertWritable(
        plan.write.map(({ path }) => path),
        ELSEWHERE
      )
      if (!(await this.#isWanted())) return null
    }
    this.#accepted = text
    await assertRoom([{ path: this.#folder, bytes: neededBytes(plan.write) }], {
      hint: 'Free some space, or add a folder on another disk.'
    })
    // It may have been stopped meanwhile, and nobody would release the files.
    this.#signal.throwIfAborted()
    if (plan.write.length > 0) this.#claim(plan.write)
    this.#planned = plan.write
    this.#totalBytes = sizeOf(this.#planned.map(({ offered }) => offered))
    this.files = [...plan.kept]
    return plan.write.map((planned) => new DiskTarget(planned, this.#folder))
  }

  /** Others may write the same files from now on. */
  release(): void {
    this.#release()
  }

  #claim(files: readonly PlannedFile[]): void {
    this.#release()
    const keys = files.map(({ offered }) => offered.key)
    try {
      this.#release = claimFiles(this.#folder, keys)
    } catch (error) {
      throw asWriteError(error)
    }
  }

  async #isWanted(): Promise<boolean> {
    if (this.#options.yes) return true
    return confirm(`Write to ${this.#folder}?`, this.#signal, { input: process.stdin, output: process.stderr })
  }
}

const ELSEWHERE = 'or add another folder after the code. The code is still good.'

function neededBytes(files: readonly PlannedFile[]): number {
  return files.reduce((sum, { offered, presentBytes }) => sum + offered.bytes - presentBytes, 0)
}

const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT']

/** What the sender may know about an error: no names and no paths of this machine. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof CliError)) return 'failed'
  const { cause, details } = error
  if ('refused' in details) return 'inTheWay'
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  return 'freeBytes' in details || FULL.includes(code) ? 'noRoom' : 'failed'
}
