import { bufferLimit, type PeerStream, ProxyError } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { RawStream } from '../dht/hyperdht.js'
import type { BufferBudget, Buffered } from './budget.js'

/** What bounds a pump. */
export interface PumpLimits {
  /** Bytes that may wait for the client; see `maxStreamBufferBytes`. */
  readonly maxStreamBufferBytes: number
  readonly budget: BufferBudget
}

/**
 * Carries bytes between a native peer's UDX stream and a client's stream. Towards the peer with back-pressure. Towards
 * the client there is none: UDX acknowledges what it has received whether it is read or not, so pausing would only
 * move the pile to where nobody counts it. It piles up here instead, up to a limit.
 */
export class NativePump implements Buffered {
  readonly kind = 'native'
  readonly #raw: RawStream
  readonly #stream: PeerStream
  readonly #limits: PumpLimits
  /** What has come in this turn of the event loop and waits for its end; null before the first packet. */
  #packets: Uint8Array[] | null = null
  #isBulk = false
  #hasRawEnded = false
  #hasStreamEnded = false

  constructor(raw: RawStream, stream: PeerStream, limits: PumpLimits) {
    this.#raw = raw
    this.#stream = stream
    this.#limits = limits
    this.#listenToRaw()
    this.#listenToStream()
    limits.budget.add(this)
  }

  get bufferedBytes(): number {
    return this.#stream.bufferedBytes + this.#stream.unreadBytes
  }

  fail(error: ProxyError): void {
    this.#stream.destroy(error)
  }

  #listenToRaw(): void {
    const raw = this.#raw
    raw.on('data', (packet) => this.#onRawData(packet))
    raw.on('end', () => {
      this.#hasRawEnded = true
      this.#flush()
      this.#stream.end()
    })
    raw.on('drain', () => this.#stream.resume())
    raw.on('error', (error) => this.#stream.destroy(lost(error)))
    raw.on('close', () => this.#onRawClose())
  }

  #listenToStream(): void {
    const stream = this.#stream
    stream.on('data', (chunk) => {
      if (!this.#raw.write(chunk)) stream.pause()
    })
    stream.on('end', () => {
      this.#hasStreamEnded = true
      this.#raw.end()
    })
    stream.on('close', () => this.#onStreamClose())
  }

  /**
   * UDX hands out one packet at a time. Each write to a stream has its price, so those of a turn go together; but the
   * first goes at once, for the sake of small messages, unless the turn before had many.
   */
  #onRawData(packet: Uint8Array): void {
    const isFirst = this.#packets === null
    if (this.#packets === null) {
      this.#packets = []
      setImmediate(() => this.#flush())
    }
    if (isFirst && !this.#isBulk) this.#write(packet)
    else this.#packets.push(packet)
  }

  #flush(): void {
    const packets = this.#packets ?? []
    this.#packets = null
    this.#isBulk = packets.length > 1
    if (packets.length > 0) this.#write(packets.length === 1 ? (packets[0] as Uint8Array) : b4a.concat(packets))
  }

  #write(chunk: Uint8Array): void {
    const { budget, maxStreamBufferBytes } = this.#limits
    this.#stream.write(chunk)
    budget.onGrowth(chunk.byteLength)
    if (this.#stream.bufferedBytes > maxStreamBufferBytes)
      this.fail(bufferLimit('a native peer sends faster than the client reads', maxStreamBufferBytes))
  }

  /** Without both ends the peer is lost; with them what still waits for the client is on its way. */
  #onRawClose(): void {
    if (!this.#hasRawEnded || !this.#hasStreamEnded) this.#stream.destroy(lost())
  }

  #onStreamClose(): void {
    this.#limits.budget.delete(this)
    if (!this.#hasRawEnded || !this.#hasStreamEnded) this.#raw.destroy()
  }
}

function lost(cause?: Error): ProxyError {
  return new ProxyError('STREAM_RESET', 'the peer closed the connection, or is gone', { cause })
}
