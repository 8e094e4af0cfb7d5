import type { ProxyClient } from '../../src/index.js'

/**
 * What a client reports about its links from now on, abbreviated: `new` or `resumed`, or the code of a disconnect,
 * with an exclamation mark if no retry follows.
 */
export function historyOf(client: ProxyClient): string[] {
  const history: string[] = []
  client.on('connected', ({ resumed }) => history.push(resumed ? 'resumed' : 'new'))
  client.on('disconnected', ({ error, retryMs }) => history.push(retryMs === null ? `${error.code}!` : error.code))
  return history
}
