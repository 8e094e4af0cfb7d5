import { expect } from 'vitest'
import type { Swarm } from '../../src/native/swarm.js'
import type { RawNode } from '../support/hostile-peer.js'
import type { Cast } from '../support/hostile-run.js'
import { like, nextConnection, type Testnet } from './support.js'

const EVIL = 8
const QUICK = { maxParallel: 64 }

/** A swarm whose node believes that it is behind a NAT unless `isOpen`, and hostile nodes. */
export function cast(testnet: Testnet, isOpen: boolean): Cast {
  const node = () => testnet.node() as unknown as RawNode
  const victim = testnet.swarm({ ...QUICK, dht: testnet.node(isOpen ? {} : { quickFirewall: false }) })
  const evil = Array.from({ length: EVIL }, () => ({ peer: node(), relay: node() }))
  return { victim, evil }
}

/** An honest peer still gets through, both ways. */
export async function expectToMeet(testnet: Testnet, swarm: Swarm): Promise<void> {
  const met = nextConnection(like(swarm))
  await testnet.swarm().connect(swarm.keyPair.publicKey)
  await met
  const peer = testnet.swarm()
  await peer.listen()
  const connection = await swarm.connect(peer.keyPair.publicKey)
  expect([connection.destroying, swarm.connections.has(connection)]).toEqual([false, true])
}
