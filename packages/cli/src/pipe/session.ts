import type { Readable, Writable } from 'node:stream'
import type { Channel, Receiver } from '../shared/channel.js'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { Credit } from './credit.js'
import { CHUNK_BYTES, decodeCredit, encodeCredit, MESSAGE, WINDOW_BYTES } from './wire.js'

/** Milliseconds to wait for the other side's goodbye once both have everything. */
const GOODBYE_MS = 2000

/** The number of bytes transferred. */
export interface Totals {
  readonly sentBytes: number
  readonly receivedBytes: number
  /** Whether the reader of our output closed it early. */
  readonly isCutShort: boolean
}

/**
 * Carries bytes both ways between our input and output and those of the other side. Each direction ends on its own;
 * the session ends when both have ended and been written out. A slow reader slows the writer: credit is granted for what
 * has been written out, not for what has arrived, as UDX would accept any amount.
 */
export class PipeSession implements Receiver {
  /** Rejects with a `CliError` if the other side leaves too early. */
  readonly done: Promise<Totals>
  readonly #channel: Channel
  readonly #input: Readable
  readonly #output: Writable
  readonly #credit = new Credit(WINDOW_BYTES)
  #resolve: (totals: Totals) => void = () => {}
  #reject: (error: Error) => void = () => {}
  #sentBytes = 0
  #receivedBytes = 0
  /** Received, but neither written out nor credited. */
  #pendingBytes = 0
  #uncreditedBytes = 0
  #isSent = false
  #isReceived = false
  #isOver = false

  constructor(channel: Channel, input: Readable, output: Writable) {
    this.#channel = channel
    this.#input = input
    this.#output = output
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    output.on('error', (error) => this.#onOutputError(error))
    this.#send().catch((error) => this.#fail(inputError(error)))
  }

  onMessage(type: number, payload: Uint8Array): void {
    if (this.#isOver) return
    if (type === MESSAGE.data) this.#onData(payload)
    else if (type === MESSAGE.credit) this.#onCredit(decodeCredit(payload))
    else if (type === MESSAGE.end) this.#output.end(() => this.#onWrittenOut())
    else if (type === MESSAGE.done) this.#onSent()
    else if (type === MESSAGE.closed) this.#fail(broken('The other side stopped reading before it had everything.'))
    else this.#fail(broken('The other side sent an invalid message.'))
  }

  onClose(): void {
    if (this.#isSent && this.#isReceived) this.#finish(false)
    else this.#fail(broken('The other side left before everything was transferred.'))
  }

  async #send(): Promise<void> {
    for await (const chunk of this.#input as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.byteLength; at += CHUNK_BYTES) {
        await this.#sendPart(chunk.subarray(at, at + CHUNK_BYTES))
        if (this.#isOver) return
      }
    }
    if (!this.#isOver) this.#channel.send(MESSAGE.end)
  }

  async #sendPart(part: Uint8Array): Promise<void> {
    await this.#credit.take(part.byteLength)
    if (this.#isOver) return
    this.#sentBytes += part.byteLength
    if (!this.#channel.send(MESSAGE.data, part)) await this.#channel.drained()
  }

  #onData(payload: Uint8Array): void {
    this.#receivedBytes += payload.byteLength
    this.#pendingBytes += payload.byteLength
    if (this.#pendingBytes > WINDOW_BYTES) this.#fail(broken('The other side sent more than it was allowed to.'))
    else this.#write(payload)
  }

  #write(payload: Uint8Array): void {
    // Only the callback, not the return value, shows that the bytes have been taken.
    this.#output.write(payload, (error) => {
      if (!error) this.#onWritten(payload.byteLength)
    })
  }

  #onWritten(bytes: number): void {
    this.#uncreditedBytes += bytes
    if (this.#isOver || this.#uncreditedBytes < WINDOW_BYTES / 8) return
    this.#channel.send(MESSAGE.credit, encodeCredit(this.#uncreditedBytes))
    this.#pendingBytes -= this.#uncreditedBytes
    this.#uncreditedBytes = 0
  }

  #onCredit(bytes: number | null): void {
    if (bytes === null) this.#fail(broken('The other side sent an invalid message.'))
    else this.#credit.give(bytes)
  }

  #onWrittenOut(): void {
    if (this.#isOver || this.#output.errored) return
    this.#channel.send(MESSAGE.done)
    this.#isReceived = true
    this.#endWhenComplete()
  }

  #onSent(): void {
    this.#isSent = true
    this.#endWhenComplete()
  }

  /** Our `done` has to arrive before we leave: the other side closes when it has received it. */
  #endWhenComplete(): void {
    if (!this.#isSent || !this.#isReceived) return
    this.#channel.end()
    setTimeout(() => this.#finish(false), GOODBYE_MS).unref()
  }

  #onOutputError(error: NodeJS.ErrnoException): void {
    if (this.#isOver) return
    if (error.code === 'EPIPE') this.#cutShort()
    else this.#fail(outputError(error))
  }

  #cutShort(): void {
    this.#channel.send(MESSAGE.closed)
    this.#channel.end()
    this.#finish(true)
  }

  #finish(isCutShort: boolean): void {
    if (this.#isOver) return
    this.#stop()
    this.#resolve({ sentBytes: this.#sentBytes, receivedBytes: this.#receivedBytes, isCutShort })
  }

  #fail(error: Error): void {
    if (this.#isOver) return
    this.#stop()
    this.#channel.destroy()
    this.#reject(error)
  }

  #stop(): void {
    this.#isOver = true
    this.#credit.give(Number.POSITIVE_INFINITY)
    this.#input.destroy()
  }
}

function broken(message: string): CliError {
  return new CliError(message, {
    hint: 'The received data may be incomplete; run the command again on both sides.',
    exitCode: EXIT.broken
  })
}

function inputError(error: Error): CliError {
  return new CliError(`The input could not be read: ${error.message}.`, { exitCode: EXIT.unusable, cause: error })
}

function outputError(error: Error): CliError {
  return new CliError(`The output could not be written: ${error.message}.`, { exitCode: EXIT.unusable, cause: error })
}
