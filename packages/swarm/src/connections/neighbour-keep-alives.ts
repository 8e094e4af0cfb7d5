import type { Clock, MonotonicMs } from '@swarmway/runtime'
import type { Connection } from '../network/connection.js'

/** What HyperDHT sets. Another interval, or none, was chosen by the application. */
const HYPERDHT_KEEP_ALIVE_MS = 5000
/** Milliseconds without a packet until a neighbour is asked for one: for each neighbour, at least, and at most. */
const MS_PER_NEIGHBOUR = 2000
const LEAST_MS = 5000
/** Firewalls of hosts, and virtual machines behind their host's NAT, forget flows that were silent for 60 seconds or more. */
const MOST_MS = 57_000
/** The side that accepted waits longer, so that the other one usually asks. The answer to that is a packet, too. */
const ACCEPTED_EXTRA_MS = 2000
/** With a timeout on the connection, we ask this often before it ends. */
const ASKS_PER_TIMEOUT = 3
/** Milliseconds between two looks. */
const LOOK_MS = 1000
/** Bytes of a message without content. */
const EMPTY_BYTES = 17

/** What a connection had received and sent at the last look, and when either last changed. */
interface Seen {
  packets: number
  bytesRead: number
  bytesWritten: number
  packetMs: MonotonicMs
  readMs: MonotonicMs
  writtenMs: MonotonicMs
  /** The neighbour wants bytes. */
  isAnswerDue: boolean
}

/**
 * Keep-alives of the connections on the local network. HyperDHT's keep the paths through NATs open and go both ways every
 * five seconds: 20 packets a second for a host among 50. Here one side asks for both, the more rarely the more neighbours
 * there are, and the acknowledgement is the answer. A connection with a timeout needs bytes: two empty messages at once
 * ask for some.
 */
export class NeighbourKeepAlives {
  readonly #clock: Clock
  readonly #seen = new Map<Connection, Seen>()
  #timer: unknown = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The connection's own keep-alive ends, until the application sets one. */
  add(connection: Connection): void {
    // A stream that does not count packets is not UDX.
    if (connection.rawStream?.packetsReceived === undefined) return
    if (connection.keepAlive !== HYPERDHT_KEEP_ALIVE_MS) return
    connection.setKeepAlive(0)
    const now = this.#clock.now()
    const times = { packetMs: now, readMs: now, writtenMs: now }
    this.#seen.set(connection, { ...countsOf(connection), ...times, isAnswerDue: false })
    connection.once('close', () => this.#remove(connection))
    this.#timer ??= this.#clock.setTimeout(() => this.#look(), LOOK_MS)
  }

  #remove(connection: Connection): void {
    this.#seen.delete(connection)
    if (this.#seen.size > 0) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(): void {
    this.#timer = this.#clock.setTimeout(() => this.#look(), LOOK_MS)
    const waitMs = Math.min(Math.max(LEAST_MS, MS_PER_NEIGHBOUR * this.#seen.size), MOST_MS)
    for (const [connection, seen] of this.#seen) {
      this.#update(connection, seen)
      if (connection.timeout > 0) this.#askForBytes(connection, seen)
      this.#answer(connection, seen)
      this.#ask(connection, seen, connection.isInitiator ? waitMs : waitMs + ACCEPTED_EXTRA_MS)
    }
  }

  #update(connection: Connection, seen: Seen): void {
    const now = this.#clock.now()
    const { packets, bytesRead, bytesWritten } = countsOf(connection)
    if (packets !== seen.packets) seen.packetMs = now
    if (bytesRead !== seen.bytesRead) seen.readMs = now
    if (bytesRead - seen.bytesRead >= 2 * EMPTY_BYTES) seen.isAnswerDue = true
    if (bytesWritten !== seen.bytesWritten) {
      seen.writtenMs = now
      seen.isAnswerDue = false
    }
    Object.assign(seen, { packets, bytesRead, bytesWritten })
  }

  /** What arrives refreshes the timeout; an acknowledgement does not. */
  #askForBytes(connection: Connection, seen: Seen): void {
    const now = this.#clock.now()
    if (now - seen.readMs < connection.timeout / ASKS_PER_TIMEOUT) return
    seen.readMs = seen.packetMs = now
    connection.sendKeepAlive()
    connection.sendKeepAlive()
  }

  /** No more often than HyperDHT would have sent on its own. */
  #answer(connection: Connection, seen: Seen): void {
    const now = this.#clock.now()
    if (!seen.isAnswerDue || now - seen.writtenMs < LEAST_MS) return
    seen.isAnswerDue = false
    connection.sendKeepAlive()
  }

  #ask(connection: Connection, seen: Seen, waitMs: number): void {
    const now = this.#clock.now()
    if (now - seen.packetMs < waitMs) return
    seen.packetMs = now
    // Otherwise the application has set its own.
    if (connection.keepAlive === 0) connection.sendKeepAlive()
  }
}

function countsOf({ rawStream, rawBytesRead, rawBytesWritten }: Connection) {
  return { packets: rawStream?.packetsReceived ?? 0, bytesRead: rawBytesRead, bytesWritten: rawBytesWritten }
}
