/** What spoils the way to a client of another server, and what does not. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { ProxyError, SERVER_REQUEST, systemClock } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { LinkPort } from '../../../src/fleet/links/link-port.js'
import { createServerKeyPair, fleetKeyOf, keyedHash } from '../../../src/fleet/presence/envelope.js'
import { type Broker, brokerPresence, type FleetState, MemoryBroker, type ProxyServer } from '../../../src/index.js'
import { fleetOf, fleetServer, untilMet } from '../../support/fleet.js'
import { lyingServer } from '../../support/lying-server.js'
import { makeServer } from '../../support/servers.js'
import { codeOf, hex, keysOf, next, TestClient, topicOf } from '../../support/test-client.js'

async function twoServers(limits = {}) {
  const broker = new MemoryBroker()
  const [a, b] = await fleetOf(2, { broker, limits })
  if (a === undefined || b === undefined) throw new Error('there are two')
  const bob = await TestClient.connect(b)
  await bob.listen()
  return { a, b, bob, broker }
}

/** Has server a know where bob is, and the broker go away, so that a cannot ask again. */
async function cutOff(a: ProxyServer, bob: TestClient, broker: MemoryBroker): Promise<void> {
  const watcher = await TestClient.connect(a)
  watcher.watch(topicOf(1))
  await bob.announce(topicOf(1))
  await until('a knows bob', () => watcher.pushed.length > 0)
  broker.isDown = true
  await until('a notices', () => a.stats.fleet?.brokerOnline === 0)
}

// While the broker was away, a topic was forgotten together with the keys that the others knew, so nobody withdrew them.
test('a key that is withdrawn while the broker is away is gone when it is back', async () => {
  const { a, b, bob, broker } = await twoServers()
  await cutOff(a, bob, broker)
  const alice = await TestClient.connect(a)
  alice.watch(topicOf(1))
  expect(keysOf(await alice.lookup(topicOf(1)))).toEqual([hex(bob.keyPair.publicKey)])
  await until('b notices', () => b.stats.fleet?.brokerOnline === 0)
  await bob.unannounce(topicOf(1))
  broker.isDown = false
  let found = ['bob']
  while (found.length > 0) found = keysOf(await alice.lookup(topicOf(1)))
})

// A server said of a client that was about to reconnect that it had no such client, and the others forgot the way.
test('a client without a link is not reached, and is reached when it is back', async () => {
  const { a, b, bob, broker } = await twoServers()
  await cutOff(a, bob, broker)
  const alice = await TestClient.connect(a)
  bob.cut()
  await until('the link is gone', () => [...b.clients].every(({ attached }) => !attached))
  expect(await codeOf(alice.dial(bob.keyPair.publicKey))).toBe('PEER_CONNECTION_FAILED')
  await bob.resume(b)
  await alice.dial(bob.keyPair.publicKey)
  await until('bob has it', () => bob.accepted.length > 0)
})

// What the dialling client answered was taken for the other server's answer: a hostile one had its server forget the way.
test('a client that dials cannot spoil the way for others', async () => {
  const { a, bob, broker } = await twoServers()
  await cutOff(a, bob, broker)
  const mallory = await TestClient.connect(a, {
    onRequest: (op) => {
      if (op === SERVER_REQUEST.DIAL_RECV) throw new ProxyError('NOT_FOUND', 'never heard of it')
      return undefined
    }
  })
  expect(await codeOf(mallory.dial(bob.keyPair.publicKey))).not.toBe('')
  const alice = await TestClient.connect(a)
  const dialled = await alice.dial(bob.keyPair.publicKey)
  await until('bob has it', () => bob.accepted.length > 0)
  dialled.write(b4a.from('hello'))
  expect(b4a.toString(await next(bob.accepted.at(-1)))).toBe('hello')
})

// One server had a quarter of a client's handshakes, and all further clients of that server were refused.
test('a crowd at another server gets to a client in turn', async () => {
  const { a, bob } = await twoServers({ maxPendingHandshakes: 4 })
  const crowd = await Promise.all(Array.from({ length: 20 }, () => TestClient.connect(a)))
  const codes = await Promise.all(
    crowd.map((client) =>
      client.dial(bob.keyPair.publicKey).then(
        () => 'ok',
        ({ code }) => code
      )
    )
  )
  expect(codes).toEqual(crowd.map(() => 'ok'))
})

// What servers sent a client stood in line by server only: a crowd at another server delayed the others there, or had them
// refused.
test.each([
  ['one network', () => '192.0.2.1', 1],
  ['20 networks', (i: number) => `198.51.100.${i}`, 20]
])('a crowd of %s at another server costs an honest client there a turn of each', async (_, addressOf, others) => {
  const { a, bob } = await twoServers({ maxPendingHandshakes: 4 })
  let open = (): void => {}
  bob.ready = new Promise((resolve) => {
    open = () => resolve(undefined)
  })
  const crowd = await Promise.all(
    Array.from({ length: 20 }, (__, i) => TestClient.connect(a, { remoteAddress: addressOf(i) }))
  )
  const dials = crowd.flatMap((client) => Array.from({ length: 16 }, () => client.dial(bob.keyPair.publicKey)))
  await until('bob is busy', () => bob.asked.length === 4)
  const alice = await TestClient.connect(a, { remoteAddress: '203.0.113.5' })
  const dialled = alice.dial(bob.keyPair.publicKey)
  await until('alice is under way', () => alice.asked.includes(SERVER_REQUEST.DIAL_SEND))
  await turns(20)
  open()
  await dialled
  const order = bob.dialledBy
  // Four were under way.
  expect(order.indexOf(hex(alice.keyPair.publicKey))).toBeLessThanOrEqual(4 + others)
  await Promise.all(dials)
})

// A server that claims a key, and one that has lost it, cost the dial its only try.
test('a dial that finds the peer nowhere asks the fleet where it is, and goes there', async () => {
  const broker = new MemoryBroker()
  const [a, b] = await fleetOf(2, { broker })
  if (a === undefined || b === undefined) throw new Error('there are two')
  const [alice, bob] = [await TestClient.connect(a), await TestClient.connect(b)]
  await bob.listen()
  const gone = lyingServer(broker, '127.0.0.1:9')
  alice.watch(topicOf(1))
  const topic = keyedHash(fleetKeyOf(), b4a.from('topic'), topicOf(1))
  gone.announce(topic, bob.keyPair.publicKey, { network: 'liar' })
  await until('alice hears of bob', () => alice.pushed.length > 0)
  await alice.dial(bob.keyPair.publicKey)
  await until('bob has it', () => bob.accepted.length === 1)
  expect(alice.asked.filter((op) => op === SERVER_REQUEST.DIAL_SEND)).toHaveLength(2)
})

// An operator saw errors of the fleet in the log, and never that a server had joined it, or that the broker was back.
test('a server says when it is in the fleet, and when another comes or goes', async () => {
  const broker = new MemoryBroker()
  const states: FleetState[] = []
  const a = fleetServer('a', { broker })
  a.on('fleet', (state) => states.push(state))
  await until('it is in the fleet', () => states.length === 1)
  const b = fleetServer('b', { broker })
  await until('it knows the other', () => states.length === 2)
  await b.destroy()
  await until('the other is gone', () => states.length === 3)
  expect(states).toEqual([
    { isOnline: true, servers: 0, joined: [], left: [] },
    { isOnline: true, servers: 1, joined: ['b'], left: [] },
    { isOnline: true, servers: 0, joined: [], left: ['b'] }
  ])
  await a.destroy()
  expect(states).toHaveLength(3)
})

// Nobody learned that the port was taken but who traced the server.
test('a port for links that cannot be opened is reported', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const address = taken.address()
  const linkPort = typeof address === 'object' && address !== null ? address.port : 0
  const presence = brokerPresence(new MemoryBroker().client())
  const server = makeServer({ dht: null, fleet: { name: 'a', linkHost: '127.0.0.1', linkPort, presence } })
  const [error] = await once(server, 'fleet-error')
  expect(error).toMatchObject({ code: 'EADDRINUSE' })
})

// Nobody learned why clients of two servers did not meet: a firewall was seen in no log.
test('a server to whose port no link can be opened is reported, and not again at each dial', async () => {
  const broker = new MemoryBroker()
  const a = fleetServer('a', { broker })
  const errors: [string, string][] = []
  a.on('fleet-error', ({ message }, what) => errors.push([what, message]))
  const [alice, unreachable] = [await TestClient.connect(a), lyingServer(broker, '127.0.0.1:9')]
  alice.watch(topicOf(1))
  const topic = keyedHash(fleetKeyOf(), b4a.from('topic'), topicOf(1))
  unreachable.announce(topic, createServerKeyPair().publicKey, { network: 'one' })
  await until('alice hears of a peer', () => alice.pushed.length > 0)
  for (let i = 0; i < 3; i++) await codeOf(alice.dial(alice.pushed[0]?.publicKey as Uint8Array))
  expect(errors).toEqual([['link', 'no link to the server liar at 127.0.0.1:9']])
})

// The oldest connection gave way, wherever it came from: a flood from one address cut off servers in their handshake.
test('strangers at the port for links give way by network', async () => {
  const tools = { keyPair: createServerKeyPair(), fleetKey: fleetKeyOf(), clock: systemClock }
  const port = new LinkPort({ ...tools, onStream: () => {} })
  const number = await port.listen('127.0.0.1', 0)
  onTestFinished(() => port.close())
  let gone = 0
  const open = async (localAddress: string) => {
    const socket = connect({ host: '127.0.0.1', port: number, localAddress }).resume()
    socket.on('error', () => {})
    socket.on('close', () => gone++)
    await once(socket, 'connect')
    return socket
  }
  const first = await open('127.0.0.2')
  for (let i = 0; i < 80; i++) await open('127.0.0.1')
  await until('some have given way', () => gone >= 17)
  expect([first.destroyed, gone]).toEqual([false, 17])
})

// A broker that lost one server's messages cut streams between servers that reached each other.
test('the end of a lease leaves a link alone that is alive', async () => {
  const broker = new MemoryBroker()
  let isMute = false
  const client = broker.client()
  const mutable: Broker = {
    localHost: '127.0.0.1',
    start: (listener) => client.start(listener),
    publish: (subject, message) => isMute || client.publish(subject, message),
    subscribe: (subject, onMessage) => client.subscribe(subject, onMessage),
    close: () => client.close()
  }
  const fleetAs = (name: string, of: Broker) => ({
    name,
    linkHost: '127.0.0.1',
    presence: brokerPresence(of, { leaseMs: 300 })
  })
  const a = makeServer({ dht: null, fleet: fleetAs('a', broker.client()) })
  const b = makeServer({ dht: null, fleet: fleetAs('b', mutable) })
  await untilMet([a, b])
  const [alice, bob] = [await TestClient.connect(a), await TestClient.connect(b)]
  await bob.listen()
  const dialled = await alice.dial(bob.keyPair.publicKey)
  await until('bob has it', () => bob.accepted.length === 1)
  isMute = true
  await until('the lease is over', () => a.stats.fleet?.servers.length === 0)
  await turns(20)
  dialled.write(b4a.from('still here'))
  expect(b4a.toString(await next(bob.accepted[0]))).toBe('still here')
})
