import type { Readable, Writable } from 'node:stream'
import type { Channel, Receiver } from '../shared/channel.js'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { Credit } from './credit.js'
import { CHUNK_BYTES, decodeCredit, encodeCredit, MESSAGE, WINDOW_BYTES } from './wire.js'

/** Milliseconds to wait for the other side's goodbye when both have everything. */
const GOODBYE_MS = 2000

/** What went through. */
export interface Totals {
  readonly sentBytes: number
  readonly receivedBytes: number
  /** Whether whoever reads our output had enough, and closed it. */
  readonly isCutShort: boolean
}

/**
 * Carries bytes both ways between our input and output and those of the other side. Each direction ends by itself;
 * with both ended and written out, it is over. A reader that is slow slows the writer: there is credit for what has
 * been written out, not for what has arrived, as UDX would take any amount.
 */
export class PipeSession implements Receiver {
  /** Rejects with a `CliError` when the other side goes away too early. */
  readonly done: Promise<Totals>
  readonly #channel: Channel
  readonly #input: Readable
  readonly #output: Writable
  readonly #credit = new Credit(WINDOW_BYTES)
  #resolve: (totals: Totals) => void = () => {}
  #reject: (error: Error) => void = () => {}
  #sentBytes = 0
  #receivedBytes = 0
  /** Arrived, but neither written out nor credited. */
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
    else this.#fail(broken('The other side sent something that makes no sense.'))
  }

  onClose(): void {
    if (this.#isSent && this.#isReceived) this.#finish(false)
    else this.#fail(broken('The other side went away before everything had been carried over.'))
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
    // The callback, not the return value, tells that somebody has taken the bytes.
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
    if (bytes === null) this.#fail(broken('The other side sent something that makes no sense.'))
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

  /** Our `done` has to arrive before we go: the other side closes, too, when it has it. */
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
    hint: 'What has arrived may be incomplete; run it again on both sides.',
    exitCode: EXIT.broken
  })
}

function inputError(error: Error): CliError {
  return new CliError(`The input could not be read: ${error.message}.`, { exitCode: EXIT.unusable, cause: error })
}

function outputError(error: Error): CliError {
  return new CliError(`The output could not be written: ${error.message}.`, { exitCode: EXIT.unusable, cause: error })
}
