/** The hooks for subclasses of the core, which the compatibility entries are built on. */
import { expect, test } from 'vitest'
import { freshTopic } from '../../../../runtime/test/support/topics.js'
import type { DiscoveredPeer } from '../../../src/network/dht-node.js'
import type { PeerVerdict } from '../../../src/swarm/swarm-types.js'
import { createFakeNetwork, FakeSwarm } from '../../support/fake-swarm.js'

class JudgingSwarm extends FakeSwarm {
  verdict: PeerVerdict = 'dial'
  readonly judged: [DiscoveredPeer, Uint8Array][] = []
  readonly cycles: [Uint8Array, boolean][] = []

  protected override judgePeer(peer: DiscoveredPeer, topic: Uint8Array): PeerVerdict {
    this.judged.push([peer, topic])
    return this.verdict
  }

  protected override onDiscoveryCycle(topic: Uint8Array, isDone: boolean): void {
    this.cycles.push([topic, isDone])
  }
}

/** A server on a topic, and a swarm that joins it as a client and gives this verdict. */
async function judge(verdict: PeerVerdict) {
  const fake = createFakeNetwork()
  const topic = freshTopic()
  const server = fake.createSwarm()
  await server.join(topic, { client: false }).flushed()
  const swarm = new JudgingSwarm(fake.network)
  swarm.verdict = verdict
  swarm.join(topic, { server: false })
  await fake.clock.advance(60_000)
  return { ...fake, topic, server, swarm }
}

test('judgePeer: dial dials the peer, and the hook is asked about no other', async () => {
  const { server, swarm, topic } = await judge('dial')
  expect(swarm.connections.size).toBe(1)
  expect(new Set(swarm.judged.map(([peer]) => peer.publicKey))).toEqual(new Set([server.keyPair.publicKey]))
  expect(swarm.judged[0]?.[1]).toEqual(topic)
  await swarm.destroy()
})

test('judgePeer: keep remembers the peer but dials it only on request, and so do later lookups', async () => {
  const { clock, server, swarm, topic } = await judge('keep')
  expect([swarm.connections.size, [...swarm.peers.values()].map((info) => info.topics)]).toEqual([0, [[topic]]])
  await swarm.status(topic)?.refresh()
  expect(await swarm.flush()).toBe(true)
  expect([swarm.connections.size, swarm.node.dials.length]).toEqual([0, 0])
  await swarm.connect(server.keyPair.publicKey)
  expect(swarm.connections.size).toBe(1)
  await swarm.status(topic)?.refresh()
  expect(swarm.connections.size).toBe(1)
  for (const connection of server.connections) connection.destroy()
  await clock.advance(60_000)
  await swarm.leave(topic)
  await swarm.destroy()
})

test('judgePeer: keep does not stop the redials of a peer of joinPeer', async () => {
  const { clock, network, server, swarm, topic } = await judge('keep')
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  swarm.joinPeer(server.keyPair.publicKey)
  await clock.advance(100)
  await swarm.status(topic)?.refresh()
  network.dialFate = () => 'pass'
  await clock.advanceUntil(() => swarm.connections.size === 1)
  await swarm.destroy()
})

test('judgePeer: ignore keeps nothing of the peer', async () => {
  const { swarm } = await judge('ignore')
  expect([swarm.connections.size, swarm.peers.size, swarm.judged.length > 0]).toEqual([0, 0, true])
  await swarm.destroy()
})

test('onDiscoveryCycle reports how each lookup ended, but no re-lookups', async () => {
  const { network, swarm, topic } = await judge('dial')
  expect(swarm.cycles).toEqual([[topic, true]])
  expect(swarm.stats.queries.relookups).toBeGreaterThan(0)
  network.queryFate = () => 'fail'
  await swarm.status(topic)?.refresh()
  expect(swarm.cycles).toEqual([
    [topic, true],
    [topic, false]
  ])
  await swarm.destroy()
})
