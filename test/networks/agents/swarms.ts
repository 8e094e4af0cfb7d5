/** Swarms as applications make them: each with a node of its own. */
import { createRequire } from 'node:module'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { type Rtc, Swarm } from '@swarmway/swarm'
import { type Address, type AnyConnection, type AnySwarm, HyperDHT, Hyperswarm } from '../../../bench/lib/modules.ts'
import type { PlainRtc } from '../../../bench/lib/plain-peer.ts'

/** What is compared. A proxied swarm has no UDP, only a WebSocket to a proxy server. */
export type NetworkSystem = 'swarmway' | 'proxied' | 'hyperswarm'

/** How a swarm reaches the others. */
export interface SwarmParams {
  readonly system: NetworkSystem
  /** Of the DHT; not used by a proxied swarm. */
  readonly bootstrap: readonly Address[]
  /** Of the proxy server; only used by a proxied swarm. */
  readonly url?: string | undefined
  /** Hex, for a key that survives the process. */
  readonly seed?: string | undefined
  /** Whether to look for peers on the local network. Hyperswarm cannot. */
  readonly lan?: boolean | undefined
  /** Address to bind to, for several swarms on one host. */
  readonly host?: string | undefined
  /** Whether its connections move to direct paths. Hyperswarm has none. */
  readonly isDirect?: boolean | undefined
}

// Not a dependency of the workspace's root.
const requireForSwarm = createRequire(new URL('../../../packages/swarm/package.json', import.meta.url))

/** WebRTC for Node. */
export function loadRtc(): PlainRtc {
  return requireForSwarm('node-datachannel/polyfill') as PlainRtc
}

export function makeSwarm(params: SwarmParams): AnySwarm {
  const { isDirect = false, seed, system, url } = params
  const rest = {
    ...(seed === undefined ? {} : { seed: Buffer.from(seed, 'hex') }),
    ...(isDirect ? { direct: { rtc: loadRtc() as Rtc } } : {})
  }
  if (system === 'proxied') return new ProxyClient({ connect: websocket(url ?? ''), ...rest }) as unknown as AnySwarm
  return system === 'swarmway' ? makeSwarmway(params, rest) : makeHyperswarm(params, rest)
}

interface Rest {
  readonly seed?: Uint8Array
  readonly direct?: { readonly rtc: Rtc }
}

function makeSwarmway({ bootstrap, host, lan }: SwarmParams, rest: Rest): AnySwarm {
  const place = host === undefined ? {} : { host }
  return new Swarm({ bootstrap: [...bootstrap], lan, ...place, ...rest }) as unknown as AnySwarm
}

/** Only the node has an option for the address to bind to. */
function makeHyperswarm({ bootstrap, host }: SwarmParams, { seed }: Rest): AnySwarm {
  const node = host === undefined ? { bootstrap } : { dht: new HyperDHT({ host, bootstrap: [...bootstrap] }) }
  return new Hyperswarm({ ...node, ...(seed && { seed }) })
}

/** A connection with the events that tell its end. */
export type Connection = AnyConnection & {
  /** Of ours: how it is carried. */
  readonly path?: string
  once(event: 'close', listener: () => void): unknown
  removeListener(event: string, listener: (...args: never[]) => void): unknown
}

/** Calls `use` with each connection. Their errors show as a close. */
export function onConnection(swarm: AnySwarm, use: (connection: Connection) => void): void {
  swarm.on('connection', (connection) => {
    connection.on('error', () => {})
    use(connection as Connection)
  })
}
