import { test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import {
  type Broker,
  brokerPresence,
  MemoryBroker,
  type Presence,
  type PresenceTools,
  type ProxyServer
} from '../../../src/index.js'
import { clientOn, exchange, untilMet } from '../../support/fleet.js'
import { makeServer } from '../../support/servers.js'
import { hex, keysOf, topicOf } from '../../support/test-client.js'

test('two servers of one name are two servers', async () => {
  const broker = new MemoryBroker()
  const named = () => ({ name: 'proxy', linkHost: '127.0.0.1', presence: brokerPresence(broker.client()) })
  const servers = [makeServer({ dht: null, fleet: named() }), makeServer({ dht: null, fleet: named() })]
  await untilMet(servers)
  const [alice, bob] = [
    await clientOn(servers[0] as ProxyServer, topicOf(1)),
    await clientOn(servers[1] as ProxyServer, topicOf(1))
  ]
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
  const [alice, bob] = [await clientOn(a, topicOf(1)), await clientOn(killed, topicOf(1))]
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
  const bobAgain = await clientOn(again, topicOf(1), { keyPair })
  await exchange(alice, bobAgain)
  await exchange(bobAgain, alice)
})
