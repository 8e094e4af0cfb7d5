import type { ProxyClient } from '../../src/index.js'

/**
 * What a client says about its links from now on, in short: `new` or `resumed`, or the code of an end, with an
 * exclamation mark if no retry follows.
 */
export function historyOf(client: ProxyClient): string[] {
  const history: string[] = []
  client.on('connected', ({ resumed }) => history.push(resumed ? 'resumed' : 'new'))
  client.on('disconnected', ({ error, retryMs }) => history.push(retryMs === null ? `${error.code}!` : error.code))
  return history
}
