import type { Readable, Writable } from 'node:stream'
import type { Channel, Receiver } from '../shared/channel/channel.js'
import { CHUNK_BYTES, Credit, decodeCredit, encodeCredit, Intake, WINDOW_BYTES } from '../shared/channel/credit.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { decodeSize, encodeSize, MESSAGE } from './wire.js'

/** Milliseconds to wait for the other side's goodbye once both have everything. */
const GOODBYE_MS = 2000

/** The number of bytes transferred. */
export interface Totals {
  readonly sentBytes: number
  readonly receivedBytes: number
  /** Whether the reader of our output closed it early. */
  readonly isCutShort: boolean
}

/** What is known about a session's ends, and who hears of its progress. */
export interface SessionOptions {
  /** The size of the input, if it is a file; the other side is told. */
  readonly inputBytes?: number | undefined
  /** Whether the input is typed. It ends when the other side says that it sends a file: nobody would read what is typed. */
  readonly isTyped?: boolean | undefined
  /** This many bytes more will be carried, in either direction. */
  onExpected?(bytes: number): void
  onCarried?(bytes: number): void
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
  readonly #options: SessionOptions
  #hasEndedInput = false
  readonly #credit = new Credit(WINDOW_BYTES)
  readonly #intake = new Intake((bytes) => void this.#channel.send(MESSAGE.credit, encodeCredit(bytes)))
  #resolve: (totals: Totals) => void = () => {}
  #reject: (error: Error) => void = () => {}
  #sentBytes = 0
  #receivedBytes = 0
  #isSent = false
  #isReceived = false
  #isOver = false

  constructor(channel: Channel, input: Readable, output: Writable, options: SessionOptions = {}) {
    this.#channel = channel
    this.#input = input
    this.#output = output
    this.#options = options
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    output.on('error', (error) => this.#onOutputError(error))
    this.#announceSize()
    this.#send().catch((error) => this.#fail(inputError(error)))
  }

  onMessage(type: number, payload: Uint8Array): void {
    if (this.#isOver) return
    if (type === MESSAGE.data) this.#onData(payload)
    else if (type === MESSAGE.credit) this.#onCredit(decodeCredit(payload))
    else if (type === MESSAGE.end) this.#output.end(() => this.#onWrittenOut())
    else if (type === MESSAGE.done) this.#onSent()
    else if (type === MESSAGE.size) this.#onSize(decodeSize(payload))
    else if (type === MESSAGE.closed) this.#fail(broken('The other side stopped reading before it had everything.'))
    else this.#fail(broken('The other side sent an invalid message.'))
  }

  onClose(): void {
    if (this.#isSent && this.#isReceived) this.#finish(false)
    else this.#fail(broken('The other side left before everything was transferred.'))
  }

  #announceSize(): void {
    const { inputBytes, onExpected } = this.#options
    if (inputBytes === undefined) return
    this.#channel.send(MESSAGE.size, encodeSize(inputBytes))
    onExpected?.(inputBytes)
  }

  #onSize(bytes: number | null): void {
    if (bytes === null) {
      this.#fail(broken('The other side sent an invalid message.'))
      return
    }
    this.#options.onExpected?.(bytes)
    if (this.#options.isTyped) this.#endInput()
  }

  #endInput(): void {
    if (this.#hasEndedInput || this.#isOver) return
    this.#hasEndedInput = true
    this.#channel.send(MESSAGE.end)
  }

  async #send(): Promise<void> {
    for await (const chunk of this.#input as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.byteLength; at += CHUNK_BYTES) {
        await this.#sendPart(chunk.subarray(at, at + CHUNK_BYTES))
        if (this.#isOver || this.#hasEndedInput) return
      }
    }
    this.#endInput()
  }

  async #sendPart(part: Uint8Array): Promise<void> {
    await this.#credit.take(part.byteLength)
    if (this.#isOver || this.#hasEndedInput) return
    this.#sentBytes += part.byteLength
    this.#options.onCarried?.(part.byteLength)
    if (!this.#channel.send(MESSAGE.data, part)) await this.#channel.drained()
  }

  #onData(payload: Uint8Array): void {
    this.#receivedBytes += payload.byteLength
    this.#options.onCarried?.(payload.byteLength)
    if (this.#intake.receive(payload.byteLength)) this.#write(payload)
    else this.#fail(broken('The other side sent more than it was allowed to.'))
  }

  #write(payload: Uint8Array): void {
    // Only the callback, not the return value, shows that the bytes have been taken.
    this.#output.write(payload, (error) => {
      if (!error && !this.#isOver) this.#intake.take(payload.byteLength)
    })
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
  if (error instanceof CliError) return error
  return new CliError(`The output could not be written: ${error.message}.`, { exitCode: EXIT.unusable, cause: error })
}
