import { bufferLimit, type Clock, type PeerStream, type ProxyError, withoutStack } from '@swarmway/proxy-protocol'
import { ReceiveWindow } from '@swarmway/swarm/hyperdht'
import b4a from 'b4a'
import type { RawStream } from '../dht/hyperdht.js'
import type { Owner } from '../fairness/fair-queue.js'
import type { BufferBudget, Buffered } from './budget.js'
import { joinAdjacent } from './join-adjacent.js'

/** Chunks of one turn beyond which a copy costs less than their writes. UDX begins another buffer now and then. */
const MAX_CHUNKS = 2

/** What a pump belongs to. */
export interface PumpOptions {
  /** Bytes that may wait for the client; see `maxStreamBufferBytes`. */
  readonly maxStreamBufferBytes: number
  /** The client. */
  readonly owner: Owner
  readonly budget: BufferBudget
  readonly clock: Clock
}

/**
 * Carries bytes between a native peer's UDX stream and a client's stream, each way at the pace of the receiver: what
 * the client's stream does not take yet waits in the UDX stream, whose window closes.
 */
export class NativePump implements Buffered {
  readonly kind = 'native'
  readonly owner: Owner
  readonly #raw: RawStream
  readonly #stream: PeerStream
  readonly #budget: BufferBudget
  readonly #window: ReceiveWindow
  readonly #maxBytes: number
  /** Packets received in this turn of the event loop, which wait for its end; null before the first packet. */
  #packets: Uint8Array[] | null = null
  #isBulk = false
  #hasRawEnded = false
  #hasStreamEnded = false

  constructor(raw: RawStream, stream: PeerStream, options: PumpOptions) {
    const { maxStreamBufferBytes, clock } = options
    this.owner = options.owner
    this.#raw = raw
    this.#stream = stream
    this.#budget = options.budget
    this.#maxBytes = maxStreamBufferBytes
    this.#listenToRaw()
    this.#listenToStream()
    this.#window = new ReceiveWindow(raw, {
      maxHeldBytes: maxStreamBufferBytes,
      onOverflow: () =>
        this.fail(bufferLimit('a native peer does not wait for the client to read', maxStreamBufferBytes)),
      now: () => clock.now()
    })
    this.#budget.add(this)
  }

  get bufferedBytes(): number {
    return this.#window.heldBytes + this.#stream.bufferedBytes + this.#stream.unreadBytes
  }

  /** Never more than half the cap, which must not meet a sender that waits. */
  limitTo(bytes: number): void {
    this.#window.limitBytes = Math.min(bytes, this.#maxBytes / 2)
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
    stream.on('drain', () => this.#raw.resume())
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
    const chunks = joinAdjacent(packets)
    if (chunks.length > MAX_CHUNKS) this.#write(b4a.concat(chunks))
    else for (const chunk of chunks) this.#write(chunk)
  }

  #write(chunk: Uint8Array): void {
    if (!this.#stream.write(chunk)) this.#raw.pause()
  }

  /**
   * If one of the two ends is missing, the peer is lost; with both, the rest of the data is on its way to the client.
   */
  #onRawClose(): void {
    if (!this.#hasRawEnded || !this.#hasStreamEnded) this.#stream.destroy(lost())
  }

  #onStreamClose(): void {
    this.#budget.delete(this)
    if (!this.#hasRawEnded || !this.#hasStreamEnded) this.#raw.destroy()
  }
}

function lost(cause?: Error): ProxyError {
  return withoutStack('STREAM_RESET', 'the peer closed the connection, or is gone', { cause })
}
