import { invalidArgument, type KeyPair, Swarm } from '@swarmway/swarm'
import { assertUdxRuns, verifyBootstrap } from '@swarmway/swarm/hyperdht'
import type { HyperDht } from '../dht/hyperdht.js'
import { HyperDHT } from '../dht/native.js'
import type { ProxyServerOptions } from '../options.js'
import type { HandleIncoming, HyperswarmProxyServerOptions } from './hyperswarm-proxy-options.js'

/** The network of a server with an older API. */
export interface OpenedNetwork {
  /** Null without a DHT. */
  readonly dht: object | null
  /** The swarm that accepts incoming connections; null if they are refused. */
  readonly swarm: Swarm | null
  /** Ends what was created here; leaves what was passed in running. */
  close(): Promise<void>
}

/** Opens the network that the options ask for. Throws a `TypeError` that names the first bad option. */
export function openNetwork(options: HyperswarmProxyServerOptions): OpenedNetwork {
  const { ephemeral, handleIncoming, network } = options
  if (handleIncoming !== undefined && typeof handleIncoming !== 'function')
    throw invalidArgument('handleIncoming', 'a function', handleIncoming)
  if (ephemeral !== undefined && typeof ephemeral !== 'boolean')
    throw invalidArgument('ephemeral', 'a boolean', ephemeral)
  if (network !== undefined && options.dht !== undefined)
    throw invalidArgument('network', 'left out when dht is given', network)
  if (network instanceof Object && isSwarm(network)) return lentSwarm(network, handleIncoming)
  if (network !== undefined && !isNode(network))
    throw invalidArgument('network', 'a Swarm or a HyperDHT instance', network)
  return onNode(options, network ?? options.dht)
}

function lentSwarm(swarm: Swarm, handleIncoming: HandleIncoming | undefined): OpenedNetwork {
  return { dht: swarm.dht, swarm: handleIncoming === undefined ? null : swarm, close: async () => {} }
}

function onNode(options: HyperswarmProxyServerOptions, lent: object | null | undefined): OpenedNetwork {
  const { handleIncoming, keyPair, seed } = options
  if (lent === null && handleIncoming !== undefined)
    throw invalidArgument('handleIncoming', 'left out on a server without a DHT', handleIncoming)
  const own = lent === undefined ? createDht(options) : null
  const dht = own ?? lent ?? null
  const swarm = handleIncoming === undefined ? null : createSwarm(dht, keyPair, seed)
  const close = async (): Promise<void> => {
    await swarm?.destroy()
    await own?.destroy()
  }
  return { dht, swarm, close }
}

function createSwarm(dht: object | null, keyPair: KeyPair | undefined, seed: Uint8Array | undefined): Swarm {
  return new Swarm({ dht: dht as Swarm['dht'], keyPair, seed })
}

function createDht({ bootstrap, ephemeral, host, port }: HyperswarmProxyServerOptions & ProxyServerOptions): HyperDht {
  assertUdxRuns()
  verifyBootstrap(bootstrap)
  const given = Object.entries({ bootstrap, ephemeral, host, port }).filter(([, value]) => value !== undefined)
  return new HyperDHT(Object.fromEntries(given))
}

function isSwarm(network: object): network is Swarm {
  return 'dht' in network && 'join' in network && 'keyPair' in network
}

function isNode(network: unknown): network is object {
  const isObject = typeof network === 'object' && network !== null
  return isObject && ['connect', 'createServer', 'lookup', 'announce'].every((name) => name in network)
}
