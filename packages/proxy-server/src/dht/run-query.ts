import { cancelled, withCode } from '../errors.js'
import type { DhtQueue, QueryPurpose } from './dht-queue.js'
import type { DhtQuery, DhtReply } from './hyperdht.js'

/**
 * Runs a DHT query when its turn comes, and passes on its replies. Returns the query once it has ended. Rejects with
 * `ABORTED` if the signal fires, otherwise with the DHT's code or `QUERY_FAILED`.
 */
export async function runQuery(
  queue: DhtQueue,
  purpose: QueryPurpose,
  open: () => DhtQuery,
  signal: AbortSignal,
  onReply: (reply: DhtReply) => void
): Promise<DhtQuery | null> {
  if (signal.aborted) throw cancelled('the query')
  let query: DhtQuery | null = null
  const job = queue.schedule(purpose, async () => {
    query = open()
    for await (const reply of query) onReply(reply)
  })
  const stop = (): void => {
    job.cancel()
    query?.destroy()
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    await job.done
  } catch (error) {
    throw signal.aborted ? cancelled('the query') : withCode(error, 'QUERY_FAILED')
  } finally {
    signal.removeEventListener('abort', stop)
  }
  if (signal.aborted) throw cancelled('the query')
  return query
}
