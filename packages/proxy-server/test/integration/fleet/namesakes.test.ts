/** Servers of one name, at once or one after the other. */

import b4a from 'b4a'
import { expect, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import {
  type Broker,
  brokerPresence,
  MemoryBroker,
  type Presence,
  type PresenceTools,
  type ProxyServer
} from '../../../src/index.js'
import { untilMet } from '../../support/fleet.js'
import { makeServer } from '../../support/servers.js'
import { hex, keysOf, next, TestClient, topicOf } from '../../support/test-client.js'

async function clientOf(server: ProxyServer, options = {}): Promise<TestClient> {
  const client = await TestClient.connect(server, options)
  await client.listen()
  client.watch(topicOf(1))
  await client.announce(topicOf(1))
  return client
}

async function exchange(from: TestClient, to: TestClient): Promise<void> {
  const before = to.accepted.length
  const dialled = await from.dial(to.keyPair.publicKey)
  await until('it is accepted', () => to.accepted.length > before)
  dialled.write(b4a.from('hello'))
  expect(b4a.toString(await next(to.accepted[before]))).toBe('hello')
}

test('two servers of one name are two servers', async () => {
  const broker = new MemoryBroker()
  const named = () => ({ name: 'proxy', linkHost: '127.0.0.1', presence: brokerPresence(broker.client()) })
  const servers = [makeServer({ dht: null, fleet: named() }), makeServer({ dht: null, fleet: named() })]
  await untilMet(servers)
  const [alice, bob] = [await clientOf(servers[0] as ProxyServer), await clientOf(servers[1] as ProxyServer)]
  await until('they know each other', () => [alice, bob].every(({ pushed }) => pushed.length > 0))
  await exchange(alice, bob)
  await exchange(bob, alice)
})

test('a server that is killed and started again is reached while the lease of the first still runs', async () => {
  const broker = new MemoryBroker()
  let isMute = false
  const mortal = (): Broker => {
    const client = broker.client()
    return {
      localHost: '127.0.0.1',
      start: (listener) => client.start(listener),
      publish: (subject, message) => isMute || client.publish(subject, message),
      subscribe: (subject, onMessage) => client.subscribe(subject, onMessage),
      close: () => client.close()
    }
  }
  const presence = (of: Broker) => brokerPresence(of, { leaseMs: 60_000 })
  const fleetAs = (name: string, of: Broker) => ({ name, linkHost: '127.0.0.1', presence: presence(of) })
  let seen: Presence | null = null
  const observed = (tools: PresenceTools): Presence => {
    seen = presence(broker.client())(tools)
    return seen
  }
  const a = makeServer({ dht: null, fleet: { name: 'a', linkHost: '127.0.0.1', presence: observed } })
  const killed = makeServer({ dht: null, drainMs: 0, fleet: fleetAs('b', mortal()) })
  await untilMet([a, killed])
  const [alice, bob] = [await clientOf(a), await clientOf(killed)]
  await until('alice knows bob', () => keysOf(alice.pushed).includes(hex(bob.keyPair.publicKey)))
  await exchange(alice, bob)
  const [{ linkAddress } = { linkAddress: '' }] = (seen as Presence | null)?.servers.values() ?? []
  const linkPort = Number(linkAddress.split(':')[1])
  // It can say nothing to the fleet any more.
  isMute = true
  await killed.destroy()
  const again = makeServer({ dht: null, fleet: { ...fleetAs('b', broker.client()), linkPort } })
  await until('both are known', () => a.stats.fleet?.servers.length === 2)
  const { keyPair } = bob
  const bobAgain = await clientOf(again, { keyPair })
  await exchange(alice, bobAgain)
  await exchange(bobAgain, alice)
})
