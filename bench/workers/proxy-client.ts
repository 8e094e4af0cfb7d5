/** A peer behind the server, of each system; or, to compare with, one that needs none. */
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import type { Address, AnyConnection } from '../lib/modules.ts'
import {
  type NativeDht,
  type ProxySystem,
  RelayedDht,
  type RelayedNode,
  RelaySocketStream,
  SecretStream,
  WebSocket
} from '../lib/proxy-modules.ts'
import { traffic, use } from '../lib/proxy-traffic.ts'
import { createNode } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

/** How to reach a peer. */
export interface ProxyDialParams {
  system: ProxySystem
  /** Of the server; unused by `direct`. */
  url: string
  /** Used by `direct` only. */
  bootstrap: Address[]
  /** The peer's, in hex; unused by the bare pipe. */
  publicKey: string
}

serve({ ...traffic, dial, listen, cpu })

/** Resolves when the connection is open. */
async function dial({ bootstrap, publicKey, system, url }: ProxyDialParams): Promise<void> {
  const key = Buffer.from(publicKey, 'hex')
  if (system === 'swarmway') newClient(url).joinPeer(key)
  else if (system === 'dht-relay') use((await newRelayedNode(url)).connect(key))
  else if (system === 'direct') use(((await createNode(bootstrap)) as NativeDht).connect(key))
  else use(new SecretStream(true, new RelaySocketStream(true, new WebSocket(url, { perMessageDeflate: false }))))
  await traffic.connected()
}

/** Accepts a connection. Resolves to the public key in hex. */
async function listen({ system, url }: Pick<ProxyDialParams, 'system' | 'url'>): Promise<string> {
  if (system === 'swarmway') {
    const swarm = newClient(url)
    await swarm.listen()
    return Buffer.from(swarm.keyPair.publicKey).toString('hex')
  }
  const node = await newRelayedNode(url)
  await node.createServer(use).listen()
  return Buffer.from(node.defaultKeyPair.publicKey).toString('hex')
}

function newClient(url: string): ProxyClient {
  const swarm = new ProxyClient({ connect: websocket(url) })
  swarm.on('connection', (connection) => use(connection as unknown as AnyConnection))
  return swarm
}

async function newRelayedNode(url: string): Promise<RelayedNode> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  const node = new RelayedDht(new RelaySocketStream(true, socket), { custodial: false })
  await node.ready()
  return node
}

/** CPU seconds used so far. */
function cpu(): number {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1e6
}
