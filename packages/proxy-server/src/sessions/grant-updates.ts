import { toProxyError } from '@swarmway/proxy-protocol'
import type { Client } from '../client/client.js'
import type { RequestHandlers } from './request-handlers.js'

/** Topics checked at the same time, because `allowTopic` may query a database. */
const BATCH = 32
/** Links whose decisions are applied at the same time: a client may come back many times before the first is done. */
const MAX_RUNNING = 4

/**
 * Applies the decisions about a client's latest link to all topics that the client uses. Ends each topic that is no
 * longer allowed or is not decided in time.
 */
export class GrantUpdates {
  readonly #running = new Set<Promise<void>>()

  /** `isCurrent` returns whether the link is still the latest. */
  async apply(handlers: RequestHandlers, client: Client, isCurrent: () => boolean): Promise<void> {
    while (this.#running.size >= MAX_RUNNING) await Promise.race(this.#running)
    const run = updateTopics(handlers, client, isCurrent)
    this.#running.add(run)
    try {
      await run
    } finally {
      this.#running.delete(run)
    }
  }
}

async function updateTopics(handlers: RequestHandlers, client: Client, isCurrent: () => boolean): Promise<void> {
  const topics = isCurrent() ? handlers.topics() : []
  for (let i = 0; i < topics.length && isCurrent(); i += BATCH)
    await Promise.all(topics.slice(i, i + BATCH).map((topic) => decide(topic)))

  async function decide(topic: Uint8Array): Promise<void> {
    try {
      await client.assertTopic(topic)
    } catch (error) {
      if (isCurrent()) handlers.denyTopic(topic, toProxyError(error))
    }
  }
}
