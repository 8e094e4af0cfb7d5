import { createHash, type Hash } from 'node:crypto'
import { lookAt } from '../get/obstacle.js'
import { type OfferedFile, readOffer, type WantedFile } from '../send/offer.js'
import { IncomingText, sendText } from '../send/text.js'
import { decodeFileStart, type FileStart, MESSAGE } from '../send/wire.js'
import { shownKey } from '../share/share-view.js'
import type { Channel, Receiver } from '../shared/channel.js'
import { CliError } from '../shared/cli-error.js'
import { encodeCredit, Intake } from '../shared/credit.js'
import { EXIT } from '../shared/exit-codes.js'
import { IncomingFile, readPresent } from './incoming-file.js'
import type { PlannedFile } from './plan.js'

/** How a transfer ended. `left`: the connection broke; the sender may come back. */
export type ReceiveEnd = 'done' | 'declined' | 'left' | 'taken'

/** What happens in a transfer. */
export interface ReceiveListener {
  /** The files to receive; null if the user declines. */
  onOffer(offer: readonly OfferedFile[]): Promise<{ folder: string; files: readonly PlannedFile[] } | null>
  onBusy(): void
  /** Data begins to come; `presentBytes` are here already. */
  onBegin(presentBytes: number): void
  onWritten(bytes: number): void
  onFile(file: PlannedFile): void
  /** The sender could not read it any more. */
  onChanged(file: PlannedFile): void
}

interface ExpectedFile {
  readonly planned: PlannedFile
  readonly offset: number
  readonly hash: Hash
}

/** Receives files from one sender. The data goes straight from the connection to the files, as fast as they are written. */
export class IncomingTransfer implements Receiver {
  /** Rejects if a file cannot be written or the sender does not keep to the rules. */
  readonly ended: Promise<ReceiveEnd>
  readonly #channel: Channel
  readonly #listener: ReceiveListener
  readonly #text = new IncomingText()
  readonly #intake = new Intake((bytes) => void this.#channel.send(MESSAGE.credit, encodeCredit(bytes)))
  #settle: (end: ReceiveEnd) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #folder = ''
  #expected: ExpectedFile[] = []
  #current: IncomingFile | null = null
  /** Messages are handled one after the other: a file has to be open before its data is written. */
  #work: Promise<void> = Promise.resolve()
  #hasOffer = false
  #isWanted = false
  #isOver = false

  constructor(channel: Channel, listener: ReceiveListener) {
    this.#channel = channel
    this.#listener = listener
    this.ended = new Promise((resolve, reject) => {
      this.#settle = resolve
      this.#reject = reject
    })
  }

  onMessage(type: number, payload: Uint8Array): void {
    if (this.#isOver) return
    if (type === MESSAGE.data && !this.#intake.receive(payload.byteLength)) this.#fail(invalid())
    else this.#queue(() => this.#handle(type, payload))
  }

  onClose(): void {
    // What has arrived is written first: the next attempt continues after it.
    this.#queue(async () => this.#end('left'))
  }

  /** Keeps what is written so far, and resolves when no file is open any more. */
  async stop(): Promise<void> {
    this.#isOver = true
    this.#channel.destroy()
    await this.#work
    await this.#closeCurrent()
  }

  #queue(step: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isOver) return
      await step().catch((error) => this.#fail(error))
    })
  }

  async #handle(type: number, payload: Uint8Array): Promise<void> {
    if (type === MESSAGE.busy) this.#listener.onBusy()
    else if (type === MESSAGE.taken) await this.#end('taken')
    else if (type === MESSAGE.text && !this.#hasOffer && this.#text.add(payload)) return
    else if (type === MESSAGE.offer && !this.#hasOffer) this.#onOffer(readOffer(this.#text.take()))
    else if (!this.#isWanted) throw invalid()
    else if (type === MESSAGE.file) await this.#onFile(decodeFileStart(payload))
    else if (type === MESSAGE.data) await this.#onData(payload)
    else if (type === MESSAGE.whole) await this.#onWhole(payload)
    else if (type === MESSAGE.changed) await this.#onChanged()
    else throw invalid()
  }

  /** The user decides meanwhile; the end of the connection must be noticed, so nothing waits for it. */
  #onOffer(offer: OfferedFile[] | null): void {
    if (offer === null) throw invalid()
    this.#hasOffer = true
    this.#answer(offer).catch((error) => this.#fail(error))
  }

  async #answer(offer: readonly OfferedFile[]): Promise<void> {
    const accepted = await this.#listener.onOffer(offer)
    if (this.#isOver) return
    if (accepted === null) {
      this.#channel.send(MESSAGE.declined)
      await this.#channel.flush()
      return this.#end('declined')
    }
    this.#folder = accepted.folder
    for (const planned of accepted.files) this.#expected.push({ planned, ...(await readPresent(planned)) })
    if (this.#isOver) return
    this.#isWanted = true
    this.#listener.onBegin(this.#expected.reduce((sum, { offset }) => sum + offset, 0))
    await sendText(this.#channel, MESSAGE.want, this.#expected.map(wantedOf))
    if (this.#expected.length === 0) await this.#complete()
  }

  async #onFile(start: FileStart | null): Promise<void> {
    const next = this.#expected.shift()
    if (start === null || next === undefined || this.#current !== null) throw invalid()
    const isResumed = start.offset === next.offset
    if (start.index !== next.planned.index || !(isResumed || start.offset === 0)) throw invalid()
    // The sender starts over if its file is another one by now.
    if (!isResumed) this.#listener.onWritten(-next.offset)
    const hash = isResumed ? next.hash : createHash('sha256')
    this.#current = await IncomingFile.open(next.planned, start.offset, hash)
  }

  async #onData(chunk: Uint8Array): Promise<void> {
    if (this.#current === null || !this.#current.hasRoom(chunk.byteLength)) throw invalid()
    await this.#current.write(chunk)
    this.#intake.take(chunk.byteLength)
    this.#listener.onWritten(chunk.byteLength)
  }

  async #onWhole(sha256: Uint8Array): Promise<void> {
    const file = this.#current
    this.#current = null
    if (file === null) throw invalid()
    if (!(await file.finish(sha256, () => this.#assertFree(file.planned)))) throw damaged(file.planned)
    this.#listener.onFile(file.planned)
    if (this.#expected.length === 0) await this.#complete()
  }

  async #onChanged(): Promise<void> {
    const file = this.#current
    this.#current = null
    if (file === null) throw invalid()
    await file.drop()
    this.#listener.onChanged(file.planned)
    if (this.#expected.length === 0) await this.#complete()
  }

  /** Looks again: hours may have passed. */
  #assertFree({ offered, replaces }: PlannedFile): void {
    const { file, obstacle } = lookAt(this.#folder, offered.key)
    if (obstacle === null && (file === null || replaces)) return
    const reason = obstacle ?? 'a file of this name was made here meanwhile'
    const hint = 'Run the command again: it resumes where it stopped.'
    throw new CliError(`${shownKey(offered.key)} could not be written: ${reason}.`, { hint, exitCode: EXIT.unusable })
  }

  async #complete(): Promise<void> {
    this.#channel.send(MESSAGE.done)
    await this.#channel.flush()
    await this.#end('done')
  }

  async #end(end: ReceiveEnd): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#closeCurrent()
    this.#channel.end()
    this.#settle(end)
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#channel.destroy()
    // A file may be about to open.
    void this.#work.then(() => this.#closeCurrent()).then(() => this.#reject(asWriteError(error)))
  }

  async #closeCurrent(): Promise<void> {
    const file = this.#current
    this.#current = null
    await file?.close().catch(() => {})
  }
}

function wantedOf({ hash, offset, planned }: ExpectedFile): WantedFile {
  return { index: planned.index, offset, sha256: offset === 0 ? '' : hash.copy().digest('hex') }
}

function invalid(): CliError {
  return new CliError('The sender sent an invalid message.', {
    hint: 'Check that both sides run the same version of swarmway.',
    exitCode: EXIT.broken
  })
}

function damaged({ offered }: PlannedFile): CliError {
  return new CliError(`${shownKey(offered.key)} arrived damaged, and was removed.`, {
    hint: 'Run the command again. If it happens again, check the disks of both machines.',
    exitCode: EXIT.broken
  })
}

function asWriteError(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  return new CliError(`A file could not be written: ${error.message}.`, {
    hint: 'Fix the problem and run the command again: it resumes where it stopped.',
    exitCode: EXIT.unusable,
    cause: error
  })
}
