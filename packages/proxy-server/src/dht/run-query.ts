import type { Client } from '../client/client.js'
import { cancelled, withCode } from '../errors.js'
import type { DhtQueue, QueryPurpose } from './dht-queue.js'
import type { DhtQuery, DhtReply } from './hyperdht.js'
import type { QueryPlace } from './query-place.js'

/** What runs in the DHT, for whom, and why. */
export interface QueryOrder {
  readonly queue: DhtQueue
  readonly client: Client
  readonly purpose: QueryPurpose
  /** Fires when the client does not want it any more. */
  readonly signal: AbortSignal
}

/**
 * Runs `task` in the DHT when it is the client's turn. Rejects with `ABORTED` if the signal fires, otherwise with the
 * DHT's code or `QUERY_FAILED`.
 */
export async function runInTurn<T>(
  { queue, client, purpose, signal }: QueryOrder,
  task: (place: QueryPlace) => Promise<T>
): Promise<T> {
  if (signal.aborted) throw cancelled('the query')
  const outcome: { result?: { value: T } } = {}
  const { done, place } = queue.schedule(client, purpose, async (ownPlace) => {
    if (!signal.aborted) outcome.result = { value: await task(ownPlace) }
  })
  const stop = (): void => place.cancel()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await done
  } catch (error) {
    throw signal.aborted ? cancelled('the query') : withCode(error, 'QUERY_FAILED')
  } finally {
    signal.removeEventListener('abort', stop)
  }
  if (signal.aborted || outcome.result === undefined) throw cancelled('the query')
  return outcome.result.value
}

/** Reads a query to its end, and passes on its replies. It ends early when the signal fires. */
export async function readQuery(
  query: DhtQuery,
  signal: AbortSignal,
  onReply: (reply: DhtReply) => void
): Promise<void> {
  const stop = (): void => query.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const reply of query) onReply(reply)
  } finally {
    signal.removeEventListener('abort', stop)
  }
  if (signal.aborted) throw cancelled('the query')
}
