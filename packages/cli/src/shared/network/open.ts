import { type CoreOptions, Swarm } from '@swarmway/swarm'
import { goodbye } from './goodbye.js'
import type { NetworkOptions } from './options.js'
import { nativeReach } from './reach.js'
import type { Network, NetworkListener } from './types.js'

/** Creates the network that the options ask for. What a proxy server needs is loaded only if there is one. */
export async function openNetwork(
  options: NetworkOptions,
  swarmOptions: CoreOptions = {},
  listener: NetworkListener = {}
): Promise<Network> {
  const { proxy = [] } = options
  if (proxy.length === 0) return openNative(options, swarmOptions)
  const { openProxied } = await import('./proxied.js')
  return openProxied(proxy, options, swarmOptions, listener)
}

function openNative({ bootstrap, host }: NetworkOptions, swarmOptions: CoreOptions): Network {
  const swarm = new Swarm({ ...swarmOptions, bootstrap, host })
  return { swarm, isProxied: false, serverUrl: () => null, ready: nativeReach(swarm), destroy: goodbye(swarm) }
}
