import { bufferLimit, type Clock, type ProxyError } from '@swarmway/proxy-protocol'
import { trace } from '@swarmway/runtime'
import type { Owner } from '../fairness/fair-queue.js'
import { siteOf } from '../fairness/network-of.js'

/** Milliseconds between two sums over all streams. */
const CHECK_INTERVAL_MS = 250
/**
 * The share of what is free that one client may take. However many clients fill theirs, each later one finds as much
 * as they have, and the budget is never full.
 */
const CLIENT_SHARE = 1 / 8
/** The share of all clients of one network. */
const NETWORK_SHARE = 1 / 2
/** What a stream may always hold: some packets, so that it moves. */
const MIN_STREAM_BYTES = 16 * 1024

/** A connection whose waiting bytes count towards the budget. */
export interface Buffered {
  /** `native`: with a peer on UDP; `splice`: between two clients. */
  readonly kind: 'native' | 'splice'
  /** The client whose share its bytes are taken from. */
  readonly owner: Owner
  /** Bytes that wait in the connection, in both directions. */
  readonly bufferedBytes: number
  /** Makes a native sender wait once this many bytes wait. */
  limitTo(bytes: number): void
  /** Ends the connection. */
  fail(error: ProxyError): void
}

/** What waits at one moment: in all, by client and by network. */
class Usage {
  bytes = 0
  readonly #bytesOf = new Map<Owner | string, number>()

  constructor(connections: Iterable<Buffered>) {
    for (const { bufferedBytes, owner } of connections) this.add(owner, bufferedBytes)
  }

  add(owner: Owner, bytes: number): void {
    if (bytes === 0) return
    this.bytes += bytes
    for (const key of [owner, siteOf(owner.network)]) this.#bytesOf.set(key, this.of(key) + bytes)
  }

  of(key: Owner | string): number {
    return this.#bytesOf.get(key) ?? 0
  }
}

/**
 * Shares the memory for waiting bytes among networks and clients, and bounds it. Streams do not report that they fill, so they
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
    return new Usage(this.#connections).bytes
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
      this.#share(new Usage(this.#connections))
      this.#schedule()
    }, CHECK_INTERVAL_MS)
  }

  /** A stream may fill what its client and its network have left, beyond what the stream itself holds. */
  #share(usage: Usage): void {
    const freeBytes = Math.max(0, this.#maxBytes - usage.bytes)
    this.#clientBytes = freeBytes * CLIENT_SHARE
    for (const connection of this.#connections) {
      const { bufferedBytes, owner } = connection
      const ofClient = this.#clientBytes - usage.of(owner)
      const ofNetwork = freeBytes * NETWORK_SHARE - usage.of(siteOf(owner.network))
      connection.limitTo(Math.max(MIN_STREAM_BYTES, Math.min(ofClient, ofNetwork) + bufferedBytes))
    }
    if (freeBytes === 0) this.#free(usage)
  }

  /** Resets streams until the rest fits: the fullest of the client that holds most in the network that holds most. */
  #free(usage: Usage): void {
    const left = new Set(this.#connections)
    const isFuller = (a: Buffered, b: Buffered) =>
      usage.of(siteOf(a.owner.network)) - usage.of(siteOf(b.owner.network)) ||
      usage.of(a.owner) - usage.of(b.owner) ||
      a.bufferedBytes - b.bufferedBytes
    while (usage.bytes > this.#maxBytes && left.size > 0) {
      const fullest = [...left].reduce((most, each) => (isFuller(each, most) > 0 ? each : most))
      left.delete(fullest)
      usage.add(fullest.owner, -fullest.bufferedBytes)
      this.#reset(fullest)
    }
  }

  #reset(connection: Buffered): void {
    const { bufferedBytes, kind } = connection
    trace.server?.('buffer-limit', { kind, bufferedBytes, limitBytes: this.#maxBytes })
    connection.fail(bufferLimit('all streams of the server', this.#maxBytes))
  }
}
