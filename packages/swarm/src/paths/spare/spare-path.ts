import { type Clock, type MonotonicMs, RateLimit } from '@swarmway/runtime'
import type { Connection } from '../../network/connection.js'
import type { PeerInfo } from '../../peers/peer-info.js'
import { FIRST_SPARE_ID } from '../path.js'
import type { PathStream } from '../path-stream.js'
import { streamTransport } from '../stream-transport.js'
import { dialSpare, type SpareDialContext } from './spare-dial.js'

/** Milliseconds until the first path is dialled again, and at most, after attempts that failed. Plus or minus a half. */
const RETRY_MIN_MS = 1000
const RETRY_MAX_MS = 60_000
/** A replacement that lasted this many milliseconds was a good one: the next dial comes soon. */
const GOOD_PATH_MS = 60_000
/** Milliseconds until a dialled replacement has to be in place. */
const DIAL_TIMEOUT_MS = 20_000
/** How often that may start over, since a peer can ask for it. */
const HURRIES_PER_SECOND = 0.1

/** What the replacements of a swarm need. */
export interface SpareContext extends SpareDialContext {
  readonly clock: Clock
  /** 0 to 1. */
  random(): number
  /** False while suspended and after destroy, when nothing new may begin. */
  isActive(): boolean
  /** Takes one of the places for such dials, so that other dials do not wait for them; false if there is none. */
  takeDialPlace(): boolean
  freeDialPlace(): void
}

/**
 * Replaces the path that a connection began with, when that is lost while there is a direct one: otherwise the
 * connection would end with the direct one. The side that has dialled the connection dials the replacement.
 */
export class SparePath {
  readonly #stream: PathStream
  readonly #info: PeerInfo
  readonly #context: SpareContext
  /** Whether a dial is in progress, which has a place. */
  #isDialling = false
  /** The connection of that dial. */
  #connection: Connection | null = null
  #dialCount = 0
  #retryMs = RETRY_MIN_MS
  /** When the last replacement was ready; null before there was one. */
  #readyMs: MonotonicMs | null = null
  /** Until the next dial, or for the one in progress. */
  #timer: unknown = null
  readonly #hurries: RateLimit

  constructor(stream: PathStream, info: PeerInfo, context: SpareContext) {
    this.#stream = stream
    this.#info = info
    this.#context = context
    this.#hurries = new RateLimit(HURRIES_PER_SECOND, context.clock, 1)
    stream.on('close', () => {
      context.clock.clearTimeout(this.#timer)
      this.#fail()
    })
  }

  /** The path is lost. */
  begin(): void {
    if (this.#stream.destroying || this.#isDialling) return
    const { clock, random } = this.#context
    // A peer that gives up each replacement at once does not have us dial it each second.
    if (this.#readyMs !== null && clock.now() - this.#readyMs >= GOOD_PATH_MS) this.#retryMs = RETRY_MIN_MS
    this.#readyMs = null
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(() => this.#try(), this.#retryMs * (0.5 + random()))
  }

  /** The network, ours or the peer's, is back: the next attempt need not wait. */
  hurry(): void {
    if (this.#stream.hasBase || !this.#hurries.take()) return
    this.#retryMs = RETRY_MIN_MS
    this.begin()
  }

  /** The replacement is in place. */
  onReady(): void {
    this.#readyMs = this.#context.clock.now()
    this.#endDial()
  }

  #try(): void {
    const { isActive, node, takeDialPlace } = this.#context
    // While the node is offline, nothing is lost by looking again soon.
    if (!isActive() || !node.online || !takeDialPlace()) this.begin()
    else this.#start()
  }

  #start(): void {
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS)
    // No number is used twice, because the key of the path's seal depends on it.
    const pathId = FIRST_SPARE_ID + ++this.#dialCount
    this.#isDialling = true
    this.#timer = this.#context.clock.setTimeout(() => this.#fail(), DIAL_TIMEOUT_MS)
    try {
      // The secret stream of the dial carries this connection: encrypted twice, but only while there is no direct path.
      const connection = dialSpare(this.#context, this.#info, pathId, () => {
        if (connection !== this.#connection) return
        connection.setKeepAlive(0)
        this.#stream.addPath(pathId, streamTransport(connection))
      })
      this.#connection = connection
      connection.on('close', () => {
        if (connection === this.#connection) this.#fail()
      })
    } catch {
      this.#fail()
    }
  }

  #fail(): void {
    const connection = this.#connection
    this.#endDial()
    connection?.destroy()
    this.begin()
  }

  /** Leaves the connection as it is. */
  #endDial(): void {
    if (!this.#isDialling) return
    this.#isDialling = false
    this.#connection = null
    this.#context.clock.clearTimeout(this.#timer)
    this.#context.freeDialPlace()
  }
}
