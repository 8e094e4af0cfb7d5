/** How soon a fresh swarm finds the others, and they find a way to it. */
import { expect, test } from 'vitest'
import { deferred } from '../../../runtime/test/support/deferred.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { Address } from '../../src/network/dht-node.js'
import { Testnet } from './support.js'

const testnet = Testnet.use()

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
