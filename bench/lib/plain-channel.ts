/** A data channel as applications use it without a library, behind the interface of a measured connection. */
import type { AnyConnection } from './modules.ts'

/** What is used of an `RTCDataChannel`. */
export interface PlainChannel {
  binaryType: string
  readonly bufferedAmount: number
  bufferedAmountLowThreshold: number
  onopen: (() => void) | null
  onmessage: ((event: { data: ArrayBuffer }) => void) | null
  onbufferedamountlow: (() => void) | null
  send(data: Uint8Array): void
}

const HIGH_BYTES = 1024 * 1024
const LOW_BYTES = 256 * 1024

/** One end. Each write is a message. */
export class ChannelConnection implements AnyConnection {
  readonly remotePublicKey = new Uint8Array(32)
  readonly #channel: PlainChannel

  constructor(channel: PlainChannel) {
    this.#channel = channel
    channel.binaryType = 'arraybuffer'
    channel.bufferedAmountLowThreshold = LOW_BYTES
  }

  write(data: Uint8Array): boolean {
    this.#channel.send(data)
    return this.#channel.bufferedAmount < HIGH_BYTES
  }

  on(event: 'data' | 'error', listener: ((data: Uint8Array) => void) | ((error: Error) => void)): void {
    if (event === 'data')
      this.#channel.onmessage = ({ data }) => (listener as (data: Uint8Array) => void)(new Uint8Array(data))
  }

  once(event: 'drain' | 'data', listener: () => void): void {
    if (event === 'drain') this.#channel.onbufferedamountlow = listener
  }

  /** Nobody listens any more: there is one listener at a time. */
  removeListener(): void {
    this.#channel.onmessage = null
  }
}
