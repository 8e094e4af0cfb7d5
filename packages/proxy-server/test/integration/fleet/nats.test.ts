import { describe, expect, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import type { ProxyServer } from '../../../src/index.js'
import { type NatsFleetOptions, nats } from '../../../src/nats/index.js'
import { clientOn, exchange, untilMet } from '../../support/fleet.js'
import { freeTcpPort, NatsServer, natsObstacle } from '../../support/nats-server.js'
import { makeServer } from '../../support/servers.js'
import { codeOf, hex, keysOf, type TestClient, topicOf } from '../../support/test-client.js'
import { Tunnel } from '../../support/tunnel.js'

const LEASE_MS = 1000
const obstacle = natsObstacle()
if (obstacle !== null) console.warn(`skipped: fleets over NATS (${obstacle})`)

function serverAt(url: string, name: string, options: Partial<NatsFleetOptions> = {}): ProxyServer {
  const own = { servers: url, name, linkHost: '127.0.0.1', leaseMs: LEASE_MS, ...options }
  return makeServer({ dht: null, fleet: nats(own) })
}

const others = ({ stats }: ProxyServer) => stats.fleet?.servers.map(({ name }) => name).sort()
const brokerOnline = ({ stats }: ProxyServer) => stats.fleet?.brokerOnline === 1
const hasMet = (one: TestClient, other: TestClient) => keysOf(one.pushed).includes(hex(other.keyPair.publicKey))

describe.skipIf(obstacle !== null)('over NATS', () => {
  test('clients of three servers meet and connect', async () => {
    const broker = await NatsServer.start()
    const servers = ['a', 'b', 'c'].map((name) => serverAt(broker.url, name))
    await untilMet(servers)
    const clients = await Promise.all(servers.map((server) => clientOn(server, topicOf(1))))
    await until('each knows both others', () => clients.every(({ pushed }) => new Set(keysOf(pushed)).size === 2))
    for (const one of clients) for (const other of clients) if (one !== other) await exchange(one, other)
  })

  test('with a user and password in the URL, and not with a wrong one', async () => {
    const broker = await NatsServer.start('--user', 'fleet', '--pass', 'p:ss')
    const at = (credentials: string) => broker.url.replace('//', `//${credentials}@`)
    const [right, also, wrong] = [
      serverAt(at('fleet:p%3Ass'), 'a'),
      serverAt(at('fleet:p%3Ass'), 'b'),
      serverAt(at('fleet:no'), 'c')
    ]
    await untilMet([right, also])
    expect([others(right), brokerOnline(wrong)]).toEqual([['b'], false])
  })

  test('a server that leaves is gone at once, and what it announced with it', async () => {
    const broker = await NatsServer.start()
    const [a, b] = [serverAt(broker.url, 'a', { leaseMs: 60_000 }), serverAt(broker.url, 'b', { leaseMs: 60_000 })]
    await untilMet([a, b])
    const [alice, bob] = [await clientOn(a, topicOf(1)), await clientOn(b, topicOf(1))]
    await until('alice knows bob', () => hasMet(alice, bob))
    await b.destroy()
    await until('b has left', () => others(a)?.length === 0)
    expect(await alice.lookup(topicOf(1))).toEqual([])
    expect(await codeOf(alice.dial(bob.keyPair.publicKey))).toBe('PEER_NOT_FOUND')
  })

  test('the broker is killed: the servers use what they know, and new connections work', async () => {
    const broker = await NatsServer.start()
    const [a, b] = [serverAt(broker.url, 'a'), serverAt(broker.url, 'b')]
    await untilMet([a, b])
    const [alice, bob] = [await clientOn(a, topicOf(1)), await clientOn(b, topicOf(1))]
    await until('they know each other', () => hasMet(alice, bob) && hasMet(bob, alice))
    await broker.kill()
    await until('they notice', () => !brokerOnline(a) && !brokerOnline(b))
    // Longer than a lease: nobody can renew it, and nobody ends it.
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS))
    expect([others(a), others(b)]).toEqual([['b'], ['a']])
    await exchange(alice, bob)
    await exchange(bob, alice)
    const carol = await clientOn(b, topicOf(1))
    await broker.start()
    await until('alice hears of the client that came meanwhile', () => hasMet(alice, carol))
    await exchange(alice, carol)
  })

  test('a server that was cut off is forgotten, and comes back with all its clients', async () => {
    const broker = await NatsServer.start()
    const tunnel = await Tunnel.to(broker.port)
    const [a, b] = [serverAt(broker.url, 'a'), serverAt(`nats://127.0.0.1:${tunnel.port}`, 'b')]
    await untilMet([a, b])
    const [alice, bob] = [await clientOn(a, topicOf(1)), await clientOn(b, topicOf(1))]
    await until('they know each other', () => hasMet(alice, bob) && hasMet(bob, alice))
    tunnel.cut()
    await until('its lease has ended', () => others(a)?.length === 0)
    expect(others(b), 'b hears nothing, and keeps what it knows').toEqual(['a'])
    expect(await alice.lookup(topicOf(1))).toEqual([])
    tunnel.restore()
    await until('b is back', () => others(a)?.length === 1)
    let found: string[] = []
    while (found.length === 0) found = keysOf(await alice.lookup(topicOf(1)))
    expect(found).toEqual([hex(bob.keyPair.publicKey)])
    await exchange(alice, bob)
  })

  test('the network is split: each half keeps working, and both are one when it is whole again', async () => {
    const [here, there] = [await freeTcpPort(), await freeTcpPort()]
    const route = await Tunnel.to(here)
    const clusterAt = (port: number) => [
      '--cluster_name',
      'f',
      '--cluster',
      `nats://127.0.0.1:${port}`,
      '--no_advertise'
    ]
    const one = await NatsServer.start(...clusterAt(here))
    const two = await NatsServer.start(...clusterAt(there), '--routes', `nats://127.0.0.1:${route.port}`)
    const halves = [one, two].map(({ url }, i) => ['a', 'b'].map((name) => serverAt(url, `${name}${i + 1}`)))
    const [[a1, b1] = [], [a2, b2] = []] = halves
    if (a1 === undefined || b1 === undefined || a2 === undefined || b2 === undefined) throw new Error('there are four')
    await untilMet([a1, b1, a2, b2])
    const [alice, bob] = [await clientOn(a1, topicOf(1)), await clientOn(a2, topicOf(1))]
    await until('they know each other', () => hasMet(alice, bob) && hasMet(bob, alice))
    route.cut()
    await until('each half is alone', () => [a1, b1, a2, b2].every((server) => others(server)?.length === 1))
    expect([others(a1), others(a2)]).toEqual([['b1'], ['b2']])
    const [carol, dave] = [await clientOn(b1, topicOf(1)), await clientOn(b2, topicOf(1))]
    await until('newcomers are known in their half', () => hasMet(alice, carol) && hasMet(bob, dave))
    await exchange(alice, carol)
    await exchange(bob, dave)
    route.restore()
    await until('all are known to all', () => [alice, carol].every((one) => hasMet(one, bob) && hasMet(one, dave)))
    await exchange(alice, dave)
    await exchange(bob, carol)
  })

  test('a slow broker ends no lease', async () => {
    const broker = await NatsServer.start()
    const tunnel = await Tunnel.to(broker.port)
    const slow = `nats://127.0.0.1:${tunnel.port}`
    const [a, b] = [serverAt(slow, 'a'), serverAt(slow, 'b')]
    await untilMet([a, b])
    tunnel.delayMs = LEASE_MS
    const gone: number[] = []
    const end = performance.now() + 4 * LEASE_MS
    while (performance.now() < end) {
      for (const server of [a, b]) if (others(server)?.length !== 1) gone.push(1)
      await turns(5)
    }
    expect(gone).toEqual([])
    const [alice, bob] = [await clientOn(a, topicOf(1)), await clientOn(b, topicOf(1))]
    await until('they meet, late', () => hasMet(alice, bob) && hasMet(bob, alice))
  })

  // The last message was flushed for as long as the broker took.
  test('a broker that stands still keeps no server from stopping', async () => {
    const broker = await NatsServer.start()
    const server = serverAt(broker.url, 'a', { connection: { pingInterval: 3_600_000 } })
    await until('it is connected', () => brokerOnline(server))
    broker.stall()
    await server.destroy()
    expect(server.destroyed).toBe(true)
  })

  test('a broker that stands still ends no lease', async () => {
    const broker = await NatsServer.start()
    const [a, b] = [serverAt(broker.url, 'a'), serverAt(broker.url, 'b')]
    await untilMet([a, b])
    broker.stall()
    await new Promise((resolve) => setTimeout(resolve, 3 * LEASE_MS))
    expect([others(a), others(b)]).toEqual([['b'], ['a']])
    broker.goOn()
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS))
    expect([others(a), others(b)]).toEqual([['b'], ['a']])
  })
})
