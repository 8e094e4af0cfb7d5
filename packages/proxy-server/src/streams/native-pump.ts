import { bufferLimit, type PeerStream, ProxyError } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { RawStream } from '../dht/hyperdht.js'
import type { BufferBudget, Buffered } from './budget.js'

/** The limits of a pump. */
export interface PumpLimits {
  /** Bytes that may wait for the client; see `maxStreamBufferBytes`. */
  readonly maxStreamBufferBytes: number
  readonly budget: BufferBudget
}

/**
 * Carries bytes between a native peer's UDX stream and a client's stream. There is back-pressure towards the peer but
 * not towards the client: UDX acknowledges received data whether it is read or not, so pausing would only move the
 * backlog to a place where it is not counted. The backlog is kept here instead, up to a limit.
 */
export class NativePump implements Buffered {
  readonly kind = 'native'
  readonly #raw: RawStream
  readonly #stream: PeerStream
  readonly #limits: PumpLimits
  /** Packets received in this turn of the event loop, which wait for its end; null before the first packet. */
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
   * UDX delivers one packet at a time. Each write to a stream costs time, so the packets of a turn are written
   * together. The first one is written at once, for the sake of small messages, unless the previous turn had many.
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

  /**
   * If one of the two ends is missing, the peer is lost; with both, the rest of the data is on its way to the client.
   */
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
