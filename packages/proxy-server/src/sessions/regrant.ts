import { toProxyError } from '@swarmway/proxy-protocol'
import type { Client } from '../client/client.js'
import type { RequestHandlers } from './request-handlers.js'

/** Topics checked at the same time, because `allowTopic` may query a database. */
const BATCH = 32

/**
 * Applies the decision about a client's latest link to all topics that the client uses. Ends each topic that is no
 * longer allowed or is not decided in time. `isCurrent` returns whether that link is still the latest.
 */
export async function regrant(handlers: RequestHandlers, client: Client, isCurrent: () => boolean): Promise<void> {
  const topics = handlers.topics()
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
