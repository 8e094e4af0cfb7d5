import type { Clock } from '@swarmway/runtime'
import b4a from 'b4a'
import type { Connection } from '../../network/connection.js'
import { FIRST_SPARE_ID } from '../path.js'
import { PathStream } from '../path-stream.js'
import { streamTransport } from '../stream-transport.js'

/** Milliseconds from the answer to a handshake until its connection has to be there. As long as HyperDHT waits. */
const TIMEOUT_MS = 10_000

interface Expected {
  readonly stream: PathStream
  readonly pathId: number
  readonly timer: unknown
}

/** The accepting side of replacements for lost first paths. */
export class SpareAccepts {
  readonly #clock: Clock
  /** By the hash of the handshake, in hex: at most one for each connection. */
  readonly #expected = new Map<string, Expected>()
  /** The last number that a peer has used for each connection. */
  readonly #lastIds = new WeakMap<PathStream, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether the peer of this connection may add a path of this number. A number is good for one attempt. */
  admits({ isInitiator, rawStream }: Connection, pathId: number): boolean {
    const stream: unknown = rawStream
    if (isInitiator || !(stream instanceof PathStream) || stream.destroying || stream.hasBase) return false
    if (pathId <= (this.#lastIds.get(stream) ?? FIRST_SPARE_ID)) return false
    this.#lastIds.set(stream, pathId)
    return true
  }

  /** The handshake was answered. */
  expect(hash: Uint8Array, { rawStream }: Connection, pathId: number): void {
    const stream: unknown = rawStream
    if (!(stream instanceof PathStream)) return
    const [earlier] = [...this.#expected].find(([, expected]) => expected.stream === stream) ?? []
    if (earlier !== undefined) this.#take(earlier)
    const key = b4a.toString(hash, 'hex')
    const timer = this.#clock.setTimeout(() => this.#expected.delete(key), TIMEOUT_MS)
    this.#expected.set(key, { stream, pathId, timer })
  }

  /** A connection arrived. False unless it is a path of another one. */
  take(connection: Connection): boolean {
    const { handshakeHash } = connection
    const expected = handshakeHash && this.#take(b4a.toString(handshakeHash, 'hex'))
    if (!expected) return false
    connection.setKeepAlive(0)
    expected.stream.addPath(expected.pathId, streamTransport(connection))
    return true
  }

  #take(key: string): Expected | undefined {
    const expected = this.#expected.get(key)
    this.#clock.clearTimeout(expected?.timer)
    this.#expected.delete(key)
    return expected
  }
}
