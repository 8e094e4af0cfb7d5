import b4a from 'b4a'
import { Duplex } from 'streamx'
import { turns } from '../../../runtime/test/support/until.js'

type Callback = (error: Error | null) => void

/** How a pair of duplexes in memory delivers written data. */
export interface WireOptions {
  /** Splits a write into the chunks that arrive. Default: one chunk per write. */
  cut?: (chunk: Uint8Array) => Uint8Array[]
  /** Turns of the event loop that a write takes; writes made meanwhile arrive merged. Default: 0, at once. */
  delayTurns?: number
  /** Bytes that pass in a millisecond, each way. Default: any number. */
  bytesPerMs?: number
  /**
   * With `bytesPerMs`: takes every write at once, as the buffers on the way do, and counts here what waits. Default: a
   * write waits for the one before.
   */
  buffered?: { bytes: number }
}

/** One end of a pair. Back-pressure works; when one end is destroyed, so is the other. */
export class WireEnd extends Duplex {
  readonly #options: WireOptions
  #other: WireEnd | null = null
  #whenRead: (() => void) | null = null
  #line = Promise.resolve()

  constructor(options: WireOptions) {
    super({ highWaterMark: 64 * 1024 })
    this.#options = options
    this.on('error', () => {})
  }

  join(other: WireEnd): void {
    this.#other = other
  }

  override _writev(batch: unknown[], callback: Callback): void {
    const chunks = batch as Uint8Array[]
    const { buffered, bytesPerMs, delayTurns = 0 } = this.#options
    if (bytesPerMs !== undefined) {
      this.#line = this.#carry(chunks, bytesPerMs)
      if (buffered === undefined) void this.#line.then(() => callback(null))
      else callback(null)
    } else if (delayTurns > 0) void turns(delayTurns).then(() => this.#deliver([b4a.concat(chunks)], callback))
    else this.#deliver(chunks, callback)
  }

  override _read(callback: Callback): void {
    const whenRead = this.#whenRead
    this.#whenRead = null
    whenRead?.()
    callback(null)
  }

  override _final(callback: Callback): void {
    if (this.#other?.destroying === false) this.#other.push(null)
    callback(null)
  }

  override _predestroy(): void {
    this.#whenRead?.()
    this.#whenRead = null
    const other = this.#other
    this.#other = null
    if (other !== null) queueMicrotask(() => other.destroy())
  }

  async #carry(chunks: Uint8Array[], bytesPerMs: number): Promise<void> {
    const { buffered = { bytes: 0 } } = this.#options
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    buffered.bytes += bytes
    await this.#line
    await new Promise((resolve) => setTimeout(resolve, bytes / bytesPerMs))
    await new Promise<void>((resolve) => this.#deliver(chunks, () => resolve()))
    buffered.bytes -= bytes
  }

  #deliver(chunks: Uint8Array[], callback: Callback): void {
    const other = this.#other
    const { cut } = this.#options
    let wantsMore = true
    if (other?.destroying === false) {
      for (const chunk of chunks) for (const part of cut?.(chunk) ?? [chunk]) wantsMore = other.push(part)
    }
    if (wantsMore || other === null || other.destroying) callback(null)
    else other.#whenRead = () => callback(null)
  }
}

/** Two connected duplexes. */
export function wire(options: WireOptions = {}): [WireEnd, WireEnd] {
  const a = new WireEnd(options)
  const b = new WireEnd(options)
  a.join(b)
  b.join(a)
  return [a, b]
}

/** Splits a chunk into single bytes. */
export function bytewise(chunk: Uint8Array): Uint8Array[] {
  return Array.from({ length: chunk.byteLength }, (_, i) => chunk.subarray(i, i + 1))
}
