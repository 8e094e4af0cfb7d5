import { emitIsolated } from '@swarmway/runtime'
import b4a from 'b4a'
import { Duplex, type DuplexEvents } from 'streamx'
import type { ProxyError } from '../errors.js'
import type { ChannelShell, StreamChannel } from './stream-channel.js'

/** Bytes that `write` accepts before it asks the caller to wait. */
const WRITE_HIGH_WATER_MARK = 64 * 1024

type Callback = (error: Error | null) => void

/** The events of a {@link PeerStream}: those of any streamx Duplex. */
export interface PeerStreamEvents extends DuplexEvents {
  /** Bytes from the other end. */
  data: [data: Uint8Array]
}

/**
 * A stream of bytes between the two ends of a session: a streamx Duplex with its own flow control. It outlives links.
 * `end()` half-closes; `destroy(error)` resets the stream, and the other end is destroyed with a `ProxyError` that
 * has the error's `code` (`STREAM_RESET` if it has none) and message. Written buffers must not be changed afterwards.
 * Chunk boundaries have no meaning.
 */
export class PeerStream extends Duplex<PeerStreamEvents> implements ChannelShell {
  /** What the opening side announced about the stream. */
  readonly meta: Uint8Array
  /** For the application. */
  userData: unknown = null
  /** Bytes passed to the reader so far. */
  bytesRead = 0
  /** Bytes accepted by `write` so far. */
  bytesWritten = 0

  readonly #channel: StreamChannel
  #readDone: Callback | null = null
  #writeDone: Callback | null = null
  #ending = false
  #reason: Error | null = null

  /** Created by a session: see `session.openStream` and the option `onStream`. */
  constructor(channel: StreamChannel, meta: Uint8Array) {
    // Every chunk weighs the whole high-water mark on the reading side, so streamx reads only one chunk ahead and
    // asks for the next when that one is consumed. Credit is returned at that moment.
    super({
      highWaterMark: WRITE_HIGH_WATER_MARK,
      byteLengthReadable: wholeMark,
      byteLengthWritable: lengthOf
    })
    this.#channel = channel
    this.meta = meta
    channel.shell = this
    // The peer can reset a stream at any moment, even before the application listens; that must not end the process.
    this.on('error', ignore)
  }

  /** An exception in a listener stays uncaught, and stops neither the stream nor the session. */
  override emit<E extends keyof PeerStreamEvents>(event: E, ...args: PeerStreamEvents[E]): boolean {
    return emitIsolated(this, event, args)
  }

  /** The number of the stream in its session; odd if the session's initiator opened it. */
  get id(): number {
    return this.#channel.id
  }

  /** Whether the other end opened it. */
  get isRemote(): boolean {
    return this.#channel.remote
  }

  /** Bytes written and not yet sent: held back by the peer's credit, a slow link or the lack of one. */
  get bufferedBytes(): number {
    return this.destroying ? 0 : this.bytesWritten - this.#channel.sentBytes
  }

  /** Bytes received, whether read or not; named as on a UDX stream, which a peer stream replaces. */
  get bytesReceived(): number {
    return this.bytesRead + this.unreadBytes
  }

  /** Bytes sent; named as on a UDX stream. */
  get bytesTransmitted(): number {
    return this.bytesWritten - this.bufferedBytes
  }

  /** Milliseconds of a round trip to the other end of the link, 0 before it is measured; named as on a UDX stream. */
  get rtt(): number {
    return this.#channel.roundTripMs
  }

  /** Bytes received and not yet read; at most the stream's window. */
  get unreadBytes(): number {
    return this.#channel.unreadBytes
  }

  /**
   * Queues bytes (a string is sent as UTF-8). False asks the caller to wait for 'drain'. @throws TypeError for
   * anything else
   */
  override write(data: Uint8Array | string): boolean {
    const chunk = toBytes(data)
    if (!this.#ending && !this.destroying) this.bytesWritten += chunk.byteLength
    return super.write(chunk)
  }

  /** Writes a last chunk, if given, and half-closes: the other end sees 'end' after everything written. */
  override end(data?: Uint8Array | string): this {
    if (data !== undefined && data !== null) this.write(data)
    this.#ending = true
    return super.end(undefined)
  }

  /** Resets the stream in both directions and drops what is buffered. */
  override destroy(error?: Error | null): void {
    if (!this.destroying) this.#reason = error ?? null
    super.destroy(error)
  }

  /**
   * Resolves true when the peer's session has received everything written so far (its reader may not have read it
   * yet), false if the stream was destroyed first.
   */
  flush(): Promise<boolean> {
    return this.#channel.whenAcked(this.bytesWritten)
  }

  /** @internal */
  onReadable(): void {
    this.#deliver()
  }

  /** @internal */
  onWritten(): void {
    this.#release()
  }

  /** @internal */
  onFailure(error: ProxyError): void {
    this.destroy(error)
  }

  /** @internal */
  override _read(callback: Callback): void {
    this.#readDone = callback
    this.#deliver()
  }

  /** @internal */
  override _writev(batch: unknown[], callback: Callback): void {
    this.#writeDone = callback
    this.#channel.write(batch as Uint8Array[])
  }

  /** @internal */
  override _final(callback: Callback): void {
    this.#channel.finish()
    callback(null)
  }

  /** @internal */
  override _predestroy(): void {
    this.#channel.abandon(this.#reason)
    this.#release()
    const readDone = this.#readDone
    this.#readDone = null
    readDone?.(null)
  }

  #deliver(): void {
    const done = this.#readDone
    if (done === null) return
    const chunk = this.#channel.pull()
    if (chunk === null && !this.#channel.drained) return
    this.#readDone = null
    this.bytesRead += chunk?.byteLength ?? 0
    this.push(chunk)
    done(null)
  }

  #release(): void {
    const done = this.#writeDone
    this.#writeDone = null
    done?.(null)
  }
}

/** What packages read of a UDX stream and add up. There are no packets here. */
const PACKET_COUNTERS = ['cwnd', 'fastRecoveries', 'inflight', 'mtu', 'packetsReceived', 'packetsTransmitted']
for (const name of [...PACKET_COUNTERS, 'retransmits', 'rtoCount'])
  Object.defineProperty(PeerStream.prototype, name, { value: 0 })

function wholeMark(): number {
  return WRITE_HIGH_WATER_MARK
}

function lengthOf(chunk: unknown): number {
  return Math.max(1, (chunk as Uint8Array).byteLength)
}

function toBytes(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data
  if (typeof data === 'string') return b4a.from(data)
  throw new TypeError('a PeerStream carries Uint8Arrays (or strings, sent as UTF-8)')
}

function ignore(): void {}
