import type { Channel, Receiver } from '../shared/channel/channel.js'
import { Credit, decodeCredit, WINDOW_BYTES } from '../shared/channel/credit.js'
import { offerOf, readWanted, type WantedFile } from './offer.js'
import type { SourceFile } from './source-files.js'
import { SourceReader } from './source-reader.js'
import { IncomingText, sendText } from './text.js'
import { decodeFailure, encodeFileStart, type Failure, MESSAGE } from './wire.js'

/** How a transfer to one receiver ended. `left`: before it had everything. After all but `done`, it may come back. */
export type TransferEnd = 'done' | 'declined' | 'left' | Failure

/** What happens in a transfer. */
export interface TransferListener {
  /** The receiver wants this many files, and of them this many bytes more than it has. */
  onBegin(bytes: number, files: number): void
  onSent(bytes: number): void
  /** A file could not be sent, because it was changed, was removed, or cannot be read. */
  onChanged(file: SourceFile): void
}

/** Offers files to one receiver and sends those that it wants. The data goes straight from the files to the connection. */
export class OutgoingTransfer implements Receiver {
  readonly ended: Promise<TransferEnd>
  readonly #channel: Channel
  readonly #files: readonly SourceFile[]
  readonly #listener: TransferListener
  readonly #credit = new Credit(WINDOW_BYTES)
  readonly #text = new IncomingText()
  #settle: (end: TransferEnd) => void = () => {}
  #isWanted = false
  #isOver = false

  constructor(channel: Channel, files: readonly SourceFile[], listener: TransferListener) {
    this.#channel = channel
    this.#files = files
    this.#listener = listener
    this.ended = new Promise((resolve) => {
      this.#settle = resolve
    })
    void sendText(channel, MESSAGE.offer, offerOf(files))
  }

  onMessage(type: number, payload: Uint8Array): void {
    if (type === MESSAGE.credit) this.#onCredit(decodeCredit(payload))
    else if (type === MESSAGE.done && this.#isWanted) this.#end('done')
    else if (type === MESSAGE.declined) this.#end('declined')
    else if (type === MESSAGE.failed) this.#end(decodeFailure(payload))
    else if (type === MESSAGE.text && !this.#isWanted && this.#text.add(payload)) return
    else if (type === MESSAGE.want && !this.#isWanted) this.#onWanted(readWanted(this.#text.take(), this.#files))
    else this.#end('left')
  }

  onClose(): void {
    this.#end('left')
  }

  #onCredit(bytes: number | null): void {
    if (bytes === null) this.#end('left')
    else this.#credit.give(bytes)
  }

  #onWanted(wanted: WantedFile[] | null): void {
    if (wanted === null) {
      this.#end('left')
      return
    }
    this.#isWanted = true
    const bytes = wanted.reduce((sum, { index, offset }) => sum + (this.#files[index]?.bytes ?? 0) - offset, 0)
    this.#listener.onBegin(bytes, wanted.length)
    // An error here is one of our disk; the receiver can come back.
    this.#send(wanted).catch(() => this.#end('left'))
  }

  async #send(wanted: readonly WantedFile[]): Promise<void> {
    for (const one of wanted) {
      const file = this.#files[one.index]
      if (this.#isOver || file === undefined) return
      const reader = await SourceReader.open(file, one)
      if (reader === null) this.#sendChanged(file, one)
      else await this.#sendFile(file, one, reader).finally(() => reader.close())
    }
  }

  #sendChanged(file: SourceFile, { index }: WantedFile): void {
    this.#channel.send(MESSAGE.file, encodeFileStart({ index, offset: 0 }))
    this.#channel.send(MESSAGE.changed)
    this.#listener.onChanged(file)
  }

  async #sendFile(file: SourceFile, { index }: WantedFile, reader: SourceReader): Promise<void> {
    this.#channel.send(MESSAGE.file, encodeFileStart({ index, offset: reader.offset }))
    for await (const chunk of reader.chunks()) {
      await this.#credit.take(chunk.byteLength)
      if (this.#isOver) return
      if (!this.#channel.send(MESSAGE.data, chunk)) await this.#channel.drained()
      this.#listener.onSent(chunk.byteLength)
    }
    const digest = await reader.digest()
    if (digest === null) this.#listener.onChanged(file)
    this.#channel.send(digest === null ? MESSAGE.changed : MESSAGE.whole, digest ?? undefined)
  }

  #end(end: TransferEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#credit.give(Number.POSITIVE_INFINITY)
    if (end === 'left') this.#channel.destroy()
    else this.#channel.end()
    this.#settle(end)
  }
}
