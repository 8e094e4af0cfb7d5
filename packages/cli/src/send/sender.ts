import type { Connection } from '@swarmway/swarm'
import { Channel } from '../shared/channel/channel.js'
import { OutgoingTransfer, type TransferEnd, type TransferListener } from './outgoing-transfer.js'
import type { SourceFile } from './source-files.js'
import { MESSAGE } from './wire.js'

/** What happens to a sender. */
export interface SenderListener {
  /** A receiver has connected; returns who hears of its transfer. */
  onReceiver(): TransferListener & { onEnd(end: TransferEnd): void }
}

const IGNORE = { onMessage: () => {}, onClose: () => {} }

/**
 * Sends files to those who know the code: to one receiver, and to another only if that one leaves or declines; or, with
 * `isKept`, to all who come, at once.
 */
export class Sender {
  /** Resolves when a receiver has everything; never with `isKept`. */
  readonly done: Promise<void>
  readonly #files: readonly SourceFile[]
  readonly #isKept: boolean
  readonly #listener: SenderListener
  readonly #waiting = new Set<Channel>()
  #resolve: () => void = () => {}
  #isBusy = false
  #isOver = false

  constructor(files: readonly SourceFile[], isKept: boolean, listener: SenderListener) {
    this.#files = files
    this.#isKept = isKept
    this.#listener = listener
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** A connection to a peer that knows the code. */
  add(connection: Connection): void {
    const channel = new Channel(connection, IGNORE)
    if (this.#isOver) this.#refuse(channel)
    else if (this.#isBusy && !this.#isKept) this.#wait(channel)
    else void this.#serve(channel)
  }

  #wait(channel: Channel): void {
    this.#waiting.add(channel)
    channel.receiver = { onMessage: () => channel.destroy(), onClose: () => void this.#waiting.delete(channel) }
    channel.send(MESSAGE.busy)
  }

  async #serve(channel: Channel): Promise<void> {
    this.#isBusy = true
    const listener = this.#listener.onReceiver()
    const transfer = new OutgoingTransfer(channel, this.#files, listener)
    channel.receiver = transfer
    const end = await transfer.ended
    this.#isBusy = false
    listener.onEnd(end)
    if (end === 'done' && !this.#isKept) await this.#finish(channel)
    else this.#serveNext()
  }

  #serveNext(): void {
    const [next] = this.#waiting
    if (next === undefined || this.#isBusy) return
    this.#waiting.delete(next)
    void this.#serve(next)
  }

  async #finish(channel: Channel): Promise<void> {
    this.#isOver = true
    for (const waiting of this.#waiting) this.#refuse(waiting)
    await Promise.all([channel, ...this.#waiting].map((one) => one.flush()))
    this.#resolve()
  }

  #refuse(channel: Channel): void {
    channel.send(MESSAGE.taken)
    channel.end()
  }
}
