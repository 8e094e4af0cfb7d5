import type { Clock } from '@swarmway/runtime'
import { SwarmError } from '../errors.js'
import type { Connection } from '../network/connection.js'

/** Milliseconds for a connection to show a sign of life, on top of four round trips. */
const PATIENCE_MS = 2000
/** The same after a move: the old path is probably gone, and one that is not was never interrupted. */
const MOVED_PATIENCE_MS = 400
/** Milliseconds after which it is asked again, since a packet may be lost. */
const AGAIN_MS = 150

/** What the check needs. */
export interface LivenessContext {
  readonly clock: Clock
  readonly connections: ReadonlySet<Connection>
}

/**
 * Finds the connections that did not outlive a break. The remote may have given them up long ago, and the transport
 * takes half a minute to see that. Until then they would keep a new connection to the same peer away.
 */
export class Liveness {
  readonly #context: LivenessContext
  readonly #timers = new Set<unknown>()

  constructor(context: LivenessContext) {
    this.#context = context
  }

  /**
   * Asks each open connection for a sign of life, and ends those that show none in time, with ETIMEDOUT. They have less
   * time if our address has changed (`hasMoved`).
   */
  check(hasMoved = false): void {
    const patienceMs = hasMoved ? MOVED_PATIENCE_MS : PATIENCE_MS
    for (const connection of this.#context.connections) this.#check(connection, patienceMs)
  }

  stop(): void {
    for (const timer of this.#timers) this.#context.clock.clearTimeout(timer)
    this.#timers.clear()
  }

  #check(connection: Connection, patienceMs: number): void {
    const { packetsReceived, rtt = 0 } = connection.rawStream ?? {}
    connection.sendKeepAlive()
    // A stream that does not count packets has its own ways to notice.
    if (packetsReceived === undefined) return
    const isSilent = () => !connection.destroying && connection.rawStream?.packetsReceived === packetsReceived
    this.#later(AGAIN_MS, () => {
      if (isSilent()) connection.sendKeepAlive()
    })
    const judge = () => {
      if (!isSilent()) return
      connection.destroy(new SwarmError('ETIMEDOUT', 'the connection did not outlive a break of the network'))
    }
    // In the turn between the two timers everything is read that waits in the socket, should our event loop have stood still.
    this.#later(patienceMs + 4 * rtt, () => this.#later(0, judge))
  }

  #later(delayMs: number, run: () => void): void {
    const timer = this.#context.clock.setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, delayMs)
    this.#timers.add(timer)
  }
}
