import type { Clock, MonotonicMs } from '@swarmway/runtime'
import type { Connection } from '../network/connection.js'

/** Milliseconds without a packet until a neighbour is asked for one, for each neighbour, and at least. */
const MS_PER_NEIGHBOUR = 2000
const LEAST_MS = 5000
/** The side that accepted waits longer, so that usually the other one asks. The answer to that is a packet, too. */
const ACCEPTED_FACTOR = 1.25
/** Milliseconds between two looks. */
const LOOK_MS = 1000

interface Heard {
  readonly packets: number
  readonly atMs: MonotonicMs
}

/**
 * Keep-alives of the connections on the local network. HyperDHT's keep the paths through NATs open and go both ways every
 * five seconds: 20 packets a second for a host among 50. Here there is no NAT, and one side asks for both, the more rarely the
 * more neighbours there are. Together they cost a host at most one packet in two seconds.
 */
export class NeighbourKeepAlives {
  readonly #clock: Clock
  readonly #heard = new Map<Connection, Heard>()
  #timer: unknown = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The connection's own keep-alive ends, until the application sets one. */
  add(connection: Connection): void {
    const packets = connection.rawStream?.packetsReceived
    // A stream that does not count packets is not UDX.
    if (packets === undefined) return
    connection.setKeepAlive(0)
    this.#heard.set(connection, { packets, atMs: this.#clock.now() })
    connection.once('close', () => this.#remove(connection))
    this.#timer ??= this.#clock.setTimeout(() => this.#look(), LOOK_MS)
  }

  #remove(connection: Connection): void {
    this.#heard.delete(connection)
    if (this.#heard.size > 0) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(): void {
    this.#timer = this.#clock.setTimeout(() => this.#look(), LOOK_MS)
    const waitMs = Math.max(LEAST_MS, MS_PER_NEIGHBOUR * this.#heard.size)
    for (const [connection, heard] of this.#heard) {
      this.#judge(connection, heard, connection.isInitiator ? waitMs : ACCEPTED_FACTOR * waitMs)
    }
  }

  #judge(connection: Connection, heard: Heard, waitMs: number): void {
    const now = this.#clock.now()
    const packets = connection.rawStream?.packetsReceived ?? heard.packets
    const isSilent = packets === heard.packets
    if (isSilent && now - heard.atMs < waitMs) return
    this.#heard.set(connection, { packets, atMs: now })
    // Otherwise the application has set its own.
    if (isSilent && connection.keepAlive === 0) connection.sendKeepAlive()
  }
}
