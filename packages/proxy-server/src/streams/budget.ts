import { bufferLimit, type Clock, type ProxyError } from '@swarmway/proxy-protocol'
import { trace } from '@swarmway/runtime'

/** Milliseconds between two sums over all streams. */
const CHECK_INTERVAL_MS = 250
/**
 * The share of what is free that one client may take. However many clients fill theirs, each later one finds as much
 * as they have, and the budget is never full.
 */
const CLIENT_SHARE = 1 / 8
/** What a stream may always hold: some packets, so that it moves. */
const MIN_STREAM_BYTES = 16 * 1024

/** A connection whose waiting bytes count towards the budget. */
export interface Buffered {
  /** `native`: with a peer on UDP; `splice`: between two clients. */
  readonly kind: 'native' | 'splice'
  /** The client whose share its bytes are taken from. */
  readonly owner: object
  /** Bytes that wait in the connection, in both directions. */
  readonly bufferedBytes: number
  /** Makes a native sender wait once this many bytes wait. */
  limitTo(bytes: number): void
  /** Ends the connection. */
  fail(error: ProxyError): void
}

/** What waits at one moment. */
interface Usage {
  readonly bytes: number
  readonly byOwner: ReadonlyMap<object, number>
}

/**
 * Shares the memory for waiting bytes among the clients, and bounds it. Streams do not report that they fill, so they
 * are added up at intervals; the windows of their senders bound what can arrive in between. Streams are reset as a last
 * resort: when native peers ignore their windows, or clients fill more of their own streams' windows than there is memory.
 */
export class BufferBudget {
  readonly #maxBytes: number
  readonly #clock: Clock
  readonly #connections = new Set<Buffered>()
  #timer: unknown = null
  #clientBytes: number

  constructor(maxBytes: number, clock: Clock) {
    this.#maxBytes = maxBytes
    this.#clock = clock
    this.#clientBytes = maxBytes * CLIENT_SHARE
  }

  /** Bytes that wait right now. */
  get bufferedBytes(): number {
    return this.#measure().bytes
  }

  /** Number of open connections of a kind. */
  countOf(kind: Buffered['kind']): number {
    let count = 0
    for (const connection of this.#connections) if (connection.kind === kind) count++
    return count
  }

  add(connection: Buffered): void {
    this.#connections.add(connection)
    connection.limitTo(this.#clientBytes)
    this.#schedule()
  }

  delete(connection: Buffered): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.destroy()
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
      this.#share(this.#measure())
      this.#schedule()
    }, CHECK_INTERVAL_MS)
  }

  #measure(): Usage {
    let bytes = 0
    const byOwner = new Map<object, number>()
    for (const { bufferedBytes, owner } of this.#connections) {
      if (bufferedBytes === 0) continue
      bytes += bufferedBytes
      byOwner.set(owner, (byOwner.get(owner) ?? 0) + bufferedBytes)
    }
    return { bytes, byOwner }
  }

  /** A stream may fill what its client has left, beyond what the stream itself holds. */
  #share({ bytes, byOwner }: Usage): void {
    this.#clientBytes = Math.max(0, this.#maxBytes - bytes) * CLIENT_SHARE
    for (const connection of this.#connections) {
      const left = this.#clientBytes - (byOwner.get(connection.owner) ?? 0)
      connection.limitTo(Math.max(MIN_STREAM_BYTES, left + connection.bufferedBytes))
    }
    if (bytes > this.#maxBytes) this.#free(bytes - this.#maxBytes, byOwner)
  }

  /** Resets streams until the rest fits: the fullest of the client that holds most, again and again. */
  #free(excessBytes: number, byOwner: ReadonlyMap<object, number>): void {
    const left = new Map(byOwner)
    const largestFirst = [...this.#connections].sort((a, b) => b.bufferedBytes - a.bufferedBytes)
    for (let excess = excessBytes; excess > 0; ) {
      const [owner] = [...left].reduce((most, entry) => (entry[1] > most[1] ? entry : most))
      const index = largestFirst.findIndex((connection) => connection.owner === owner)
      const [connection] = index < 0 ? [] : largestFirst.splice(index, 1)
      if (connection === undefined) return
      const { bufferedBytes } = connection
      excess -= bufferedBytes
      left.set(owner, (left.get(owner) ?? 0) - bufferedBytes)
      this.#reset(connection)
    }
  }

  #reset(connection: Buffered): void {
    const { bufferedBytes, kind } = connection
    trace.server?.('buffer-limit', { kind, bufferedBytes, limitBytes: this.#maxBytes })
    connection.fail(bufferLimit('all streams of the server', this.#maxBytes))
  }
}
