/** A page with a client of a proxy server, and one end of a measured connection. */
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import b4a from 'b4a'
import { hastenSodium } from '../../packages/proxy-client/src/sodium/browser.ts'
import type { AnyConnection } from '../lib/modules.ts'
import { traffic, use } from '../lib/proxy-traffic.ts'
import type { TabCalls } from '../lib/tab.ts'

/** How to reach a peer. */
export interface TabDialParams {
  url: string
  /** The peer's, in hex. */
  publicKey: string
}

const calls: TabCalls = { ...traffic, hasten: hastenSodium, dial }
Object.assign(globalThis, { calls })

/** Resolves when the connection is open. */
async function dial({ publicKey, url }: TabDialParams): Promise<void> {
  const swarm = new ProxyClient({ connect: websocket(url) })
  swarm.on('connection', (connection) => use(connection as unknown as AnyConnection))
  swarm.joinPeer(b4a.from(publicKey, 'hex'))
  await traffic.connected()
}
