import { bufferLimit, type Clock, type ProxyError } from '@swarmway/proxy-protocol'
import { trace } from '@swarmway/runtime'

/** Milliseconds between two sums over all streams. */
const CHECK_INTERVAL_MS = 250
/** New data, as a share of the budget, after which the sum is taken at once. */
const CHECK_SHARE = 1 / 16

/** A connection whose waiting bytes count towards the budget. */
export interface Buffered {
  /** `native`: with a peer on UDP; `splice`: between two clients. */
  readonly kind: 'native' | 'splice'
  /** Bytes that wait in the connection, in both directions. */
  readonly bufferedBytes: number
  /** Ends the connection. */
  fail(error: ProxyError): void
}

/**
 * Bounds the bytes that wait in all streams of the server together. Streams do not report that they fill, so they are
 * added up at intervals; the bandwidth of the links bounds what can arrive in between.
 */
export class BufferBudget {
  readonly #maxBytes: number
  readonly #clock: Clock
  readonly #connections = new Set<Buffered>()
  #timer: unknown = null
  #grown = 0

  constructor(maxBytes: number, clock: Clock) {
    this.#maxBytes = maxBytes
    this.#clock = clock
  }

  /** Bytes that wait right now. */
  get bufferedBytes(): number {
    let sum = 0
    for (const connection of this.#connections) sum += connection.bufferedBytes
    return sum
  }

  /** Number of open connections of a kind. */
  countOf(kind: Buffered['kind']): number {
    let count = 0
    for (const connection of this.#connections) if (connection.kind === kind) count++
    return count
  }

  add(connection: Buffered): void {
    this.#connections.add(connection)
    this.#schedule()
  }

  delete(connection: Buffered): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.destroy()
  }

  /** Bytes have arrived from a sender that cannot be slowed down. */
  onGrowth(bytes: number): void {
    this.#grown += bytes
    if (this.#grown > this.#maxBytes * CHECK_SHARE) this.#check()
  }

  /** Stops checking until the next connection. */
  destroy(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #schedule(): void {
    if (this.#timer !== null || this.#connections.size === 0) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null
      this.#check()
      this.#schedule()
    }, CHECK_INTERVAL_MS)
  }

  #check(): void {
    this.#grown = 0
    let excess = this.bufferedBytes - this.#maxBytes
    if (excess <= 0) return
    const largestFirst = [...this.#connections].sort((a, b) => b.bufferedBytes - a.bufferedBytes)
    for (const connection of largestFirst) {
      if (excess <= 0) return
      const { bufferedBytes, kind } = connection
      excess -= bufferedBytes
      trace.server?.('buffer-limit', { kind, bufferedBytes, limitBytes: this.#maxBytes })
      connection.fail(bufferLimit('all streams of the server', this.#maxBytes))
    }
  }
}
