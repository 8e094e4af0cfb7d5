import type { Connection } from '@swarmway/swarm'
import { Channel } from '../shared/channel/channel.js'
import { IncomingTransfer, type ReceiveListener, type Target } from './incoming-transfer.js'
import { TransferError } from './transfer-error.js'

const IGNORE = { onMessage: () => {}, onClose: () => {} }

/** What happens to a receiver. */
export interface ReceiverListener<T extends Target> extends ReceiveListener<T> {
  /** The connection broke; it resumes when the sender is back. */
  onLost(): void
}

/** Receives from the sender of a code, over as many connections as it takes. */
export class FileReceiver<T extends Target> {
  /** Resolves to whether the user accepted. Rejects with a `TransferError`, or an error of a target. */
  readonly done: Promise<boolean>
  readonly #listener: ReceiverListener<T>
  #resolve: (isAccepted: boolean) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #transfer: IncomingTransfer<T> | null = null
  #isOver = false

  constructor(listener: ReceiverListener<T>) {
    this.#listener = listener
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get isConnected(): boolean {
    return this.#transfer !== null
  }

  /** A connection to a peer that knows the code: the sender. */
  add(connection: Connection): void {
    const channel = new Channel(connection, IGNORE)
    if (this.#isOver || this.#transfer !== null) {
      channel.destroy()
      return
    }
    this.#transfer = new IncomingTransfer(channel, this.#listener)
    channel.receiver = this.#transfer
    void this.#follow(this.#transfer)
  }

  /** Keeps what is written so far. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#transfer?.stop()
  }

  async #follow(transfer: IncomingTransfer<T>): Promise<void> {
    try {
      const end = await transfer.ended
      if (end === 'taken') throw takenError()
      this.#transfer = null
      if (end === 'left') return this.#isOver ? undefined : this.#listener.onLost()
      this.#isOver = true
      this.#resolve(end === 'done')
    } catch (error) {
      this.#isOver = true
      this.#reject(error)
    }
  }
}

function takenError(): TransferError {
  return new TransferError('TAKEN', 'This code is used up: somebody has received the files.')
}
