import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import type { CoreOptions, SwarmCore } from '@swarmway/swarm'
import { usageError } from './cli-error.js'
import { goodbye } from './goodbye.js'
import type { NetworkOptions } from './network-options.js'
import { linkError, proxyReach } from './network-reach.js'
import type { Network, NetworkListener } from './network-types.js'
import { VERSION } from './version.js'

/** A swarm through a proxy server. @throws CliError */
export function openProxied(
  urls: readonly string[],
  { token }: NetworkOptions,
  swarmOptions: CoreOptions,
  listener: NetworkListener
): Network {
  const connect = connectTo(urls)
  const client = new ProxyClient({ ...swarmOptions, connect, auth: token, userAgent: `swarmway-cli/${VERSION}` })
  const ready = proxyReach(client, urls)
  let wasConnected = false
  client.on('connected', () => {
    if (wasConnected) listener.onBack?.()
    wasConnected = true
  })
  client.on('key-lost', ({ error }) => listener.onKeyLost?.(error))
  client.on('disconnected', ({ error, retryMs }) => {
    // Before the first link, `ready` reports it.
    if (!wasConnected) return
    const reason = linkError(error, urls)
    if (retryMs === null) listener.onRefused?.(reason)
    else listener.onLost?.(reason)
  })
  // A client emits its own events besides a swarm's; the types do not show that.
  return { swarm: client as unknown as SwarmCore, isProxied: true, ready, destroy: goodbye(client) }
}

/** Through the HTTP proxy of the environment, if it names one for the server. @throws CliError */
export function connectTo(urls: readonly string[]) {
  try {
    return websocket(...urls, { proxy: 'env' })
  } catch (error) {
    if (error instanceof TypeError) throw usageError(`${error.message}.`)
    throw error
  }
}
