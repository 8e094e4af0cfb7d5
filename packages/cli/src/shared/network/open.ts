import type { CoreOptions } from '@swarmway/swarm'
import { goodbye } from './goodbye.js'
import type { NetworkOptions } from './options.js'
import { nativeReach } from './reach.js'
import type { Network, NetworkListener } from './types.js'

/** Creates the network that the options ask for. Loads what it needs only now: help needs no network. */
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

async function openNative({ bootstrap, host }: NetworkOptions, swarmOptions: CoreOptions): Promise<Network> {
  const { Swarm } = await import('@swarmway/swarm')
  const swarm = new Swarm({ ...swarmOptions, bootstrap, host })
  return { swarm, isProxied: false, serverUrl: () => null, ready: nativeReach(swarm), destroy: goodbye(swarm) }
}
