import type { ProxyClient, ProxyError } from '@swarmway/proxy-client'
import type { Swarm } from '@swarmway/swarm'
import { CliError } from '../errors/cli-error.js'
import { EXIT } from '../errors/exit-codes.js'
import { shownUrl } from './shown-url.js'

/** The part of a HyperDHT node that shows whether it has reached the DHT. */
interface DhtReach {
  fullyBootstrapped(): Promise<void>
  toArray(options: { limit: number }): unknown[]
}

/** Whether any node of the DHT has answered, once the first round of queries is over. */
export async function reachesDht(swarm: Swarm): Promise<boolean> {
  const node = swarm.dht as unknown as DhtReach
  await node.fullyBootstrapped()
  return node.toArray({ limit: 1 }).length > 0
}

/** The `ready` of a native network. */
export function nativeReach(swarm: Swarm): () => Promise<void> {
  return async () => {
    if ((await reachesDht(swarm)) || swarm.destroyed) return
    throw new CliError('No node of the DHT answers, so other peers cannot be found.', {
      hint: 'UDP may be blocked here. Run "swarmway doctor" to find out, or connect through a proxy server with --proxy.',
      exitCode: EXIT.unreachable
    })
  }
}

/** The `ready` of a network behind proxy servers: it gives up after each of them has failed once. */
export function proxyReach(client: ProxyClient, urls: readonly string[]): () => Promise<void> {
  let failures = 0
  const reached = new Promise<void>((resolve, reject) => {
    client.once('connected', () => resolve())
    client.on('disconnected', ({ error, retryMs }) => {
      failures++
      if (retryMs === null || failures >= urls.length) reject(linkError(error, urls))
    })
  })
  reached.catch(() => {})
  return () => reached
}

/** The error shown to the user when a link could not be made or was refused. */
export function linkError(error: ProxyError, urls: readonly string[]): CliError {
  const server = urls.length === 1 ? `The proxy server ${urls.map(shownUrl).join()}` : 'Each of the proxy servers'
  if (error.code === 'AUTH_DENIED' || error.code === 'AUTH_TIMEOUT') {
    const hint = 'Check the token: --token, or SWARMWAY_TOKEN in the environment.'
    return new CliError(`${server} refuses us: ${error.message}.`, { hint, exitCode: EXIT.denied, cause: error })
  }
  if (error.code.startsWith('HTTP_PROXY_')) {
    const hint = 'Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY in the environment.'
    return new CliError(`${server} could not be reached: ${reason(error)}.`, {
      hint,
      exitCode: EXIT.unreachable,
      cause: error
    })
  }
  return new CliError(`${server} could not be reached: ${reason(error)}.`, {
    hint: 'Check the URL and that the server is running; "swarmway doctor --proxy <url>" tests it step by step.',
    exitCode: EXIT.unreachable,
    cause: error
  })
}

function reason(error: ProxyError): string {
  return error.message.replace(/^could not reach the proxy server: /, '').replace(/\.$/, '')
}
