import type { Clock, MonotonicMs } from '@swarmway/runtime'
import { SwarmError } from '../errors.js'
import type { Connection } from '../network/connection.js'

/** Milliseconds between two looks. A look sends nothing. */
const LOOK_MS = 500
/** Looks without a packet, though some should have come, after which the network is asked whether it is there. */
const SUSPICIOUS = 3
/**
 * Looks after which a connection is dead if the network is there: the remote was restarted, say. UDX itself needs 13
 * seconds. Outages of five seconds have to pass unnoticed, and some time for what is sent again.
 */
const DEAD = 16

/** Looks between two questions to the peer itself. */
const ASK_EVERY = 2

/** What the watch needs. */
export interface StallsContext {
  readonly clock: Clock
  readonly connections: ReadonlySet<Connection>
  /** When the network answered last, for certain. */
  answeredAt(): MonotonicMs | null
  /** Something failed that fails without a network. */
  onSuspicion(): void
  /** The network answers, and the peer does not. */
  onSilence(connection: Connection): void
}

interface Stall {
  packets: number
  looks: number
  beganMs: MonotonicMs
}

/** Notices connections whose remote has stopped to acknowledge what is sent, long before the transport gives up. */
export class Stalls {
  readonly #context: StallsContext
  readonly #stalls = new WeakMap<Connection, Stall>()
  #timer: unknown = null

  constructor(context: StallsContext) {
    this.#context = context
  }

  /** Looks as long as there are connections. */
  start(): void {
    this.#timer ??= this.#context.clock.setTimeout(() => this.#look(), LOOK_MS)
  }

  stop(): void {
    this.#context.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(): void {
    this.#timer = null
    const { connections } = this.#context
    if (connections.size > 0) this.start()
    const nowMs = this.#context.clock.now()
    for (const connection of connections) this.#judge(connection, nowMs)
  }

  #judge(connection: Connection, nowMs: MonotonicMs): void {
    const { rawStream } = connection
    // Most connections owe nothing, and reading the number of packets is slow: UDX makes it of a BigInt.
    if (!rawStream?.inflight) {
      this.#stalls.delete(connection)
      return
    }
    const { packetsReceived: packets } = rawStream
    if (packets === undefined) return
    const stall = this.#stalls.get(connection)
    if (stall?.packets !== packets) {
      // What was sent since the last look has already waited for a while.
      this.#stalls.set(connection, { packets, looks: stall === undefined ? 1 : 0, beganMs: nowMs })
      return
    }
    stall.looks++
    if (stall.looks >= SUSPICIOUS) this.#context.onSuspicion()
    if (stall.looks < SUSPICIOUS || !this.#hasAnsweredSince(stall)) return
    if (stall.looks % ASK_EVERY === 0) this.#context.onSilence(connection)
    if (stall.looks >= DEAD)
      connection.destroy(new SwarmError('ETIMEDOUT', 'the peer has not acknowledged anything for some time'))
  }

  #hasAnsweredSince({ beganMs }: Stall): boolean {
    const answeredMs = this.#context.answeredAt()
    return answeredMs !== null && answeredMs > beganMs
  }
}
