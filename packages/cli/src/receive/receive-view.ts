import { sizeOf } from '../send/offer.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { filesText, namesText, shownKey } from '../shared/files/file-texts.js'
import { HIDDEN, type Refusal, refusalJson } from '../shared/files/refusal.js'
import { cleanText } from '../shared/terminal/clean-text.js'
import { formatBytes } from '../shared/terminal/format.js'
import { ProgressMeter } from '../shared/terminal/progress.js'
import { ProgressDisplay } from '../shared/terminal/progress-display.js'
import type { Status } from '../shared/terminal/status.js'
import type { Target } from './incoming-transfer.js'
import { EXISTS, type ReceivePlan } from './plan.js'

const NOTHING = 'Nothing of what is offered can be written here.'

/** How many names of one kind are listed one by one. */
const MAX_NAMES = 20

/** Shows the user how receiving goes. */
export class ReceiveView {
  readonly #status: Status
  readonly #isQuiet: boolean
  readonly #changed: Target[] = []
  #display: ProgressDisplay | null = null
  #meter: ProgressMeter | null = null
  fetchedBytes = 0
  /** Whether data has begun to come. */
  hasBegun = false
  /** Files whose names must not be written here. */
  skipped: readonly Refusal[] = []

  constructor(status: Status, isQuiet: boolean) {
    this.#status = status
    this.#isQuiet = isQuiet
  }

  /** Files that the sender could not send after all. */
  get changed(): readonly Target[] {
    return this.#changed
  }

  say(text: string): void {
    this.endProgress()
    this.#status.say(text)
  }

  /** What is offered, and what would happen to it. Throws a `CliError` if nothing must be written. */
  offer({ kept, refused, skipped, write }: ReceivePlan, folder: string): void {
    this.skipped = skipped
    const offered = [...write.map((file) => file.offered), ...kept]
    this.#tellHidden(skipped.filter(({ reason }) => reason === HIDDEN))
    this.#tellEach(
      'Skipped',
      skipped.filter(({ reason }) => reason !== HIDDEN)
    )
    if (refused.length > 0) throw this.#refusal(refused, folder)
    if (offered.length === 0) throw unusable(NOTHING, 'See above.', { skipped: skipped.map(refusalJson) })
    const names = namesText(offered.map(({ key }) => shownKey(key)))
    this.#status.tell(`${filesText(offered.length)}, ${formatBytes(sizeOf(offered))}: ${names}.`)
    const replaced = write.filter(({ replaces }) => replaces).length
    if (replaced > 0) this.#status.tell(`${filesText(replaced)} would be replaced.`)
    const present = sizeOf(kept) + write.reduce((sum, { presentBytes }) => sum + presentBytes, 0)
    if (present > 0) this.#status.say(`${formatBytes(present)} are here already.`)
  }

  begin(totalBytes: number, presentBytes: number): void {
    this.hasBegun = true
    this.#meter = new ProgressMeter(totalBytes, presentBytes)
    if (!this.#isQuiet) this.#display = new ProgressDisplay(this.#status, this.#meter)
  }

  written(bytes: number): void {
    this.#meter?.add(bytes)
    this.fetchedBytes += Math.max(0, bytes)
  }

  onChanged(file: Target): void {
    this.#changed.push(file)
    if (this.#changed.length > MAX_NAMES) return
    this.#status.tell(`Not received, because the sender changed or removed it: ${shownKey(file.offered.key)}.`)
  }

  /** Removes the bar, so that the next message has a line of its own. */
  endProgress(): void {
    this.#display?.end()
    this.#display = null
    this.#meter = null
  }

  done(folder: string, files: number): void {
    this.endProgress()
    const more = this.#changed.length - MAX_NAMES
    if (more > 0) this.#status.tell(`Not received for the same reason: ${more} more.`)
    const done = `Done: ${filesText(files)} in ${folder}; ${formatBytes(this.fetchedBytes)} fetched.`
    this.#status.say(files === 0 ? 'Nothing was received.' : done)
  }

  #refusal(refused: readonly Refusal[], folder: string): CliError {
    this.#tellEach('Not written', refused)
    const hint = refused.some(({ reason }) => reason === EXISTS)
      ? 'Replace files with --overwrite, move them away, or add another folder after the code. The code is still good.'
      : 'Move away what is in the way, or add another folder after the code. The code is still good.'
    const message = `${filesText(refused.length)} cannot be written to ${folder}, so nothing was received.`
    return unusable(message, hint, { refused: refused.map(refusalJson) })
  }

  #tellHidden(hidden: readonly Refusal[]): void {
    if (hidden.length === 0) return
    const names = namesText(hidden.map(({ key }) => shownKey(key)))
    this.#status.tell(`Skipped, because the name begins with a dot (${hidden.length}): ${names}.`)
    this.#status.tell('Programs may obey such files. If you trust the sender, get them with --hidden.')
  }

  #tellEach(what: string, refusals: readonly Refusal[]): void {
    for (const { key, reason } of refusals.slice(0, MAX_NAMES)) {
      this.#status.tell(`${what}: ${shownKey(key)}: ${cleanText(reason)}.`)
    }
    if (refusals.length > MAX_NAMES) this.#status.tell(`${what}: ${refusals.length - MAX_NAMES} more.`)
  }
}

function unusable(message: string, hint: string, details: object): CliError {
  return new CliError(message, { hint, exitCode: EXIT.unusable, details })
}
