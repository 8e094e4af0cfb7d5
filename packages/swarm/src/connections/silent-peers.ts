import { SwarmError } from '../errors.js'
import type { Connection } from '../network/connection.js'
import type { ConnectionTable, OpenConnection } from './table.js'
import { TopicUpdate, type TopicUpdateContext } from './topic-update.js'

/** Most questions in flight: an outage of a part of the internet makes many peers silent at once. */
const MAX_IN_FLIGHT = 4
/** Milliseconds until the next question may be asked. One that begins while the peer is starting waits in vain. */
const PATIENCE_MS = 2500

/** What the questions need. */
export interface SilentPeersContext extends TopicUpdateContext {
  readonly table: ConnectionTable
}

/**
 * Asks peers that acknowledge nothing whether they still know the connection, by a topic update without a topic. One that
 * was restarted, or has given the connection up, does not: then it ends here as well, seconds before the transport would
 * notice, so that a new one can follow.
 */
export class SilentPeers {
  readonly #context: SilentPeersContext
  readonly #asked = new Set<OpenConnection>()

  constructor(context: SilentPeersContext) {
    this.#context = context
  }

  ask(connection: Connection): void {
    const { codec, table } = this.#context
    const slot = table.get(connection.remotePublicKey)
    const open = slot?.open
    // Other implementations cannot be asked.
    if (!open || open.connection !== connection || open.origin === null || codec === null) return
    if (this.#asked.has(open) || this.#asked.size >= MAX_IN_FLIGHT) return
    this.#asked.add(open)
    const { clock } = this.#context.settings
    const update = new TopicUpdate(this.#context, slot.info, open, [], (outcome) => {
      clock.clearTimeout(timer)
      this.#asked.delete(open)
      if (outcome === 'unknown') connection.destroy(new SwarmError('ECONNRESET', FORGOTTEN))
    })
    const timer = clock.setTimeout(() => update.cancel(), PATIENCE_MS)
    update.send()
  }
}

const FORGOTTEN = 'the peer no longer knows the connection'

/** Whether a connection ended because its peer, which is there, no longer knew it. */
export function isForgotten(error: Error | null): boolean {
  return error instanceof SwarmError && error.code === 'ECONNRESET'
}
