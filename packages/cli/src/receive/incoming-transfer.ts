import { endsWithin, systemClock } from '@swarmway/runtime'
import { type OfferedFile, readOffer, type WantedFile } from '../send/offer.js'
import { IncomingText, sendText } from '../send/text.js'
import { decodeFileStart, FAILURE, type Failure, type FileStart, MESSAGE } from '../send/wire.js'
import type { Channel, Receiver } from '../shared/channel/channel.js'
import { encodeCredit, Intake } from '../shared/channel/credit.js'
import { cleanText } from '../shared/terminal/clean-text.js'
import { TransferError } from './transfer-error.js'

/** A wanted file, and where it goes: a disk, or the storage of a browser. */
export interface Target {
  /** Position in the offer. */
  readonly index: number
  readonly offered: OfferedFile
  /** Looks what an earlier attempt has left. */
  begin(): Promise<Attempt>
}

/** An attempt to receive a file. */
export interface Attempt {
  /** Bytes that are there. */
  readonly offset: number
  /** SHA-256 of these bytes, in hex; empty if there are none. */
  readonly sha256: string
  /** Opens the file to continue after these bytes, or from the beginning. */
  open(isResumed: boolean): Promise<TargetFile>
}

/** A file that is being received. */
export interface TargetFile {
  /** Whether this many bytes more belong to it. */
  hasRoom(bytes: number): boolean
  write(chunk: Uint8Array): Promise<void>
  /** Makes it a file of its name. Returns false, and removes it, if it is not what the sender read. */
  finish(sha256: Uint8Array): Promise<boolean>
  /** Removes it. */
  drop(): Promise<void>
  /** Keeps what is there for a later attempt. */
  close(): Promise<void>
}

/** How a transfer ended. `left`: the connection broke; the sender may come back. */
export type ReceiveEnd = 'done' | 'declined' | 'left' | 'taken'

/** What happens in a transfer. */
export interface ReceiveListener<T extends Target> {
  /** The files to receive; null if the user declines. */
  onOffer(offer: readonly OfferedFile[]): Promise<readonly T[] | null>
  onBusy(): void
  /** Data begins to come; `presentBytes` are here already. */
  onBegin(presentBytes: number): void
  onWritten(bytes: number): void
  onFile(target: T): void
  /** The sender could not read it any more. */
  onChanged(target: T): void
  /** Everything that can come is here. The sender learns it once this resolves, and may then be gone for good. */
  onComplete?(): Promise<void>
  /** What the sender is told about an error of a target or of `onOffer`. Default: `failed`. */
  failureOf?(error: unknown): Failure
}

/** Milliseconds for the sender to hear why we fail; it may be gone. */
const FAREWELL_MS = 2000

interface ExpectedFile<T extends Target> {
  readonly target: T
  readonly attempt: Attempt
}

/** Receives files from one sender. The data goes straight from the connection to the targets, as fast as they are written. */
export class IncomingTransfer<T extends Target> implements Receiver {
  /** Rejects if a file cannot be written or the sender does not keep to the rules. */
  readonly ended: Promise<ReceiveEnd>
  readonly #channel: Channel
  readonly #listener: ReceiveListener<T>
  readonly #text = new IncomingText()
  readonly #intake = new Intake((bytes) => void this.#channel.send(MESSAGE.credit, encodeCredit(bytes)))
  #settle: (end: ReceiveEnd) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #expected: ExpectedFile<T>[] = []
  #current: { readonly target: T; readonly file: TargetFile } | null = null
  /** Messages are handled one after the other: a file has to be open before its data is written. */
  #work: Promise<void> = Promise.resolve()
  /** The last that the sender is told; it may hang up before we know that it has heard it. */
  #verdict: 'done' | 'declined' | null = null
  #hasOffer = false
  #isWanted = false
  #isOver = false

  constructor(channel: Channel, listener: ReceiveListener<T>) {
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
    this.#queue(async () => this.#end(this.#verdict ?? 'left'))
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
      return this.#say('declined')
    }
    for (const target of accepted) this.#expected.push({ target, attempt: await target.begin() })
    if (this.#isOver) return
    this.#isWanted = true
    this.#listener.onBegin(this.#expected.reduce((sum, { attempt }) => sum + attempt.offset, 0))
    await sendText(this.#channel, MESSAGE.want, this.#expected.map(wantedOf))
    await this.#doneIfComplete()
  }

  async #onFile(start: FileStart | null): Promise<void> {
    const next = this.#expected.shift()
    if (start === null || next === undefined || this.#current !== null) throw invalid()
    const { attempt, target } = next
    const isResumed = start.offset === attempt.offset
    if (start.index !== target.index || !(isResumed || start.offset === 0)) throw invalid()
    // The sender starts over if its file is another one by now.
    if (!isResumed) this.#listener.onWritten(-attempt.offset)
    this.#current = { target, file: await attempt.open(isResumed) }
  }

  async #onData(chunk: Uint8Array): Promise<void> {
    if (this.#current === null || !this.#current.file.hasRoom(chunk.byteLength)) throw invalid()
    await this.#current.file.write(chunk)
    this.#intake.take(chunk.byteLength)
    this.#listener.onWritten(chunk.byteLength)
  }

  async #onWhole(sha256: Uint8Array): Promise<void> {
    const { file, target } = this.#takeCurrent()
    if (!(await file.finish(sha256))) throw damaged(target.offered)
    this.#listener.onFile(target)
    await this.#doneIfComplete()
  }

  async #onChanged(): Promise<void> {
    const { file, target } = this.#takeCurrent()
    await file.drop()
    this.#listener.onChanged(target)
    await this.#doneIfComplete()
  }

  async #doneIfComplete(): Promise<void> {
    if (this.#expected.length > 0) return
    await this.#listener.onComplete?.()
    if (!this.#isOver) await this.#say('done')
  }

  #takeCurrent() {
    const current = this.#current
    this.#current = null
    if (current === null) throw invalid()
    return current
  }

  async #say(verdict: 'done' | 'declined'): Promise<void> {
    this.#verdict = verdict
    this.#channel.send(MESSAGE[verdict])
    await this.#channel.flush()
    await this.#end(verdict)
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
    const told = error instanceof TransferError ? this.#channel.destroy() : this.#tell(error)
    // A file may be about to open.
    void this.#work.then(() => Promise.all([told, this.#closeCurrent()])).then(() => this.#reject(error))
  }

  async #tell(error: unknown): Promise<void> {
    this.#channel.send(MESSAGE.failed, Uint8Array.of(FAILURE[this.#listener.failureOf?.(error) ?? 'failed']))
    await endsWithin(systemClock, FAREWELL_MS, this.#channel.flush())
    this.#channel.destroy()
  }

  async #closeCurrent(): Promise<void> {
    const current = this.#current
    this.#current = null
    await current?.file.close().catch(() => {})
  }
}

function wantedOf({ attempt, target }: ExpectedFile<Target>): WantedFile {
  return { index: target.index, offset: attempt.offset, sha256: attempt.sha256 }
}

function invalid(): TransferError {
  return new TransferError('INVALID_MESSAGE', 'The sender sent an invalid message.')
}

function damaged({ key }: OfferedFile): TransferError {
  return new TransferError('DAMAGED', `${cleanText(key.slice(1))} arrived damaged, and was removed.`)
}
