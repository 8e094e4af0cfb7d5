import type { Clock } from '@swarmway/runtime'
import { SwarmError } from '../errors.js'
import type { Connection } from '../network/connection.js'

/** Milliseconds for a connection to show a sign of life, on top of four round trips. */
const PATIENCE_MS = 2000

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

  /** Asks each open connection for a sign of life, and ends those that show none in time, with ETIMEDOUT. */
  check(): void {
    for (const connection of this.#context.connections) this.#check(connection)
  }

  stop(): void {
    for (const timer of this.#timers) this.#context.clock.clearTimeout(timer)
    this.#timers.clear()
  }

  #check(connection: Connection): void {
    const { packetsReceived, rtt = 0 } = connection.rawStream ?? {}
    connection.sendKeepAlive()
    // A stream that does not count packets has its own ways to notice.
    if (packetsReceived === undefined) return
    const { clock } = this.#context
    const judge = () => {
      this.#timers.delete(timer)
      if (connection.destroying || connection.rawStream?.packetsReceived !== packetsReceived) return
      connection.destroy(new SwarmError('ETIMEDOUT', 'the connection did not outlive a break of the network'))
    }
    const timer = clock.setTimeout(judge, PATIENCE_MS + 4 * rtt)
    this.#timers.add(timer)
  }
}
