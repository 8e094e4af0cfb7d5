import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { type CoreOptions, Swarm, type SwarmCore } from '@swarmway/swarm'
import { type CliError, usageError } from './cli-error.js'
import type { NetworkOptions } from './network-options.js'
import { linkError, nativeReach, proxyReach } from './network-reach.js'
import { VERSION } from './version.js'

/** Milliseconds to say goodbye: withdrawing announcements and closing connections in order. */
const GOODBYE_MS = 3000

/** Events of a network. */
export interface NetworkListener {
  /** The proxy server is gone for now, or refuses us for now; the client reconnects automatically. */
  onLost?(error: CliError): void
  /** The proxy server is back. */
  onBack?(): void
  /** The proxy server lets no peer dial our key; the error says why. */
  onKeyLost?(error: Error): void
  /** The proxy server refuses us for good. */
  onRefused?(error: Error): void
}

/** A swarm, native or through a proxy server, depending on the options. */
export interface Network {
  readonly swarm: SwarmCore
  readonly isProxied: boolean
  /** Resolves when the DHT or the proxy server has answered. Rejects with a `CliError` that says why it did not. */
  ready(): Promise<void>
  /** Withdraws announcements and closes everything. */
  destroy(): Promise<void>
}

/** Creates the network that the options ask for. */
export function openNetwork(
  options: NetworkOptions,
  swarmOptions: CoreOptions = {},
  listener: NetworkListener = {}
): Network {
  const { proxy = [] } = options
  return proxy.length > 0 ? openProxied(proxy, options, swarmOptions, listener) : openNative(options, swarmOptions)
}

function openNative({ bootstrap, host }: NetworkOptions, swarmOptions: CoreOptions): Network {
  const swarm = new Swarm({ ...swarmOptions, bootstrap, host })
  return { swarm, isProxied: false, ready: nativeReach(swarm), destroy: goodbye(swarm) }
}

function openProxied(
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

/** Closes a swarm in order, or by force if that takes long: nobody should wait for an unreachable network. */
function goodbye(swarm: Pick<SwarmCore, 'destroy' | 'dht'>): () => Promise<void> {
  return async () => {
    const timer = setTimeout(() => void swarm.dht.destroy({ force: true }), GOODBYE_MS)
    await swarm.destroy()
    clearTimeout(timer)
  }
}
