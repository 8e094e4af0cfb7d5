import { type Connect, ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import type { CoreOptions, SwarmCore } from '@swarmway/swarm'
import { VERSION } from '../command/version.js'
import { usageError } from '../errors/cli-error.js'
import { goodbye } from './goodbye.js'
import type { NetworkOptions } from './options.js'
import { linkError, proxyReach } from './reach.js'
import type { Network, NetworkListener } from './types.js'

/** A swarm through a proxy server. @throws CliError */
export function openProxied(
  urls: readonly string[],
  { token }: NetworkOptions,
  swarmOptions: CoreOptions,
  listener: NetworkListener
): Network {
  let [serverUrl = null, tried = serverUrl] = urls
  const connect = connectTo(urls).map((one) => noting(one, (url) => (tried = url)))
  const client = new ProxyClient({ ...swarmOptions, connect, auth: token, userAgent: `swarmway-cli/${VERSION}` })
  const ready = proxyReach(client, urls)
  let wasConnected = false
  client.on('connected', () => {
    if (wasConnected) listener.onBack?.()
    wasConnected = true
    serverUrl = tried
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
  return {
    swarm: client as unknown as SwarmCore,
    isProxied: true,
    serverUrl: () => serverUrl,
    ready,
    destroy: goodbye(client)
  }
}

/** Notes which server is tried; one is at a time. */
function noting(connect: Connect, onTry: (url: string | null) => void): Connect {
  const open: Connect = (signal) => {
    onTry(connect.url ?? null)
    return connect(signal)
  }
  return Object.assign(open, { ...connect })
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
