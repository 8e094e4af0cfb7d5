/** How soon a fresh swarm finds the others, and they find a way to it. */
import { expect, test } from 'vitest'
import { deferred } from '../../../runtime/test/support/deferred.js'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { askRelaysFirst } from '../../src/native/relays-first.js'
import type { Address } from '../../src/network/dht-node.js'
import { Testnet } from './support.js'

const testnet = Testnet.use()

/** A HyperDHT node, whose dials search with a session. */
interface SearchingNode {
  findPeer(target: Uint8Array, options?: { session?: object }): unknown
}

/** The addresses of each peer on a topic. */
async function announced(topic: Uint8Array) {
  const query = testnet.node().lookup(topic)
  const addresses: Address[][] = []
  for await (const { peers } of query) addresses.push(...peers.map(({ relayAddresses }) => relayAddresses))
  return addresses
}

/** A node, and what its announces are about to store. */
function storingNode() {
  const node = testnet.node()
  const storing: Promise<unknown>[] = []
  const inner = node as unknown as { _requestAnnounce(...args: unknown[]): Promise<unknown> }
  const request = inner._requestAnnounce.bind(node)
  inner._requestAnnounce = (...args) => {
    const done = request(...args)
    storing.push(done)
    return done
  }
  return { dht: node, storing }
}

test('a swarm in both modes dials those it finds while its own key is not announced yet', async () => {
  // Announcing the key takes a lookup and a store, during which the swarm did nothing else.
  const topic = freshTopic()
  const there = testnet.swarm()
  await there.join(topic).flushed()

  const late = testnet.swarm()
  const listening = deferred()
  late.server.listen = () => listening.promise
  late.join(topic)
  await until('the connection', () => late.connections.size === 1)
  listening.resolve()
})

test('a dial that reaches the peer through its relays does not search the DHT for others', async () => {
  // Each dial asked all nodes near the peer for its relays, though the topic had named them: most of its packets.
  const topic = freshTopic()
  const there = testnet.swarm()
  await there.join(topic).flushed()

  const dht = testnet.node()
  const node = dht as unknown as SearchingNode
  const searches: object[] = []
  const findPeer = node.findPeer.bind(node)
  node.findPeer = (target, options) => {
    if (options?.session !== undefined) searches.push(options)
    return findPeer(target, options)
  }
  // Its time stands still, so that a slow machine makes no difference.
  askRelaysFirst(node, new FakeClock())
  const late = testnet.swarm({ dht })
  late.join(topic, { server: false })
  await until('the connection', () => late.connections.size === 1)
  expect(searches).toEqual([])
})

test('a swarm that leaves a topic before its key is announced is not stored on it', async () => {
  const topic = freshTopic()
  const { dht, storing } = storingNode()
  const swarm = testnet.swarm({ dht })
  const listening = deferred()
  swarm.server.listen = () => listening.promise
  swarm.join(topic)
  await until('nodes that the announce would be stored on', () => storing.length > 0)
  await swarm.leave(topic)
  listening.resolve()
  await Promise.allSettled(storing)
  expect(await announced(topic)).toEqual([])
})

test('a swarm that others reach directly is announced with its own address first', async () => {
  // A fresh node does not know yet that it can be reached, so its announcement named relays only, for ten minutes: each
  // dial to it took their detour, a round trip more.
  const topic = freshTopic()
  const own = { host: '127.0.0.1', port: 4711 }
  const dht = Object.assign(testnet.node({ quickFirewall: false }), { remoteAddress: () => own })
  await testnet.swarm({ dht }).join(topic, { client: false }).flushed()

  const addresses = await announced(topic)
  expect(addresses.length).toBeGreaterThan(0)
  for (const [first] of addresses) expect(first).toEqual(own)
})
