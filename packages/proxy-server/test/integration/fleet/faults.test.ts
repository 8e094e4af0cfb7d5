/** What a fleet bears: servers that lie or die, links that break, crowds, and the end of an outage. */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import {
  FLEET_REQUESTS,
  fleetTopicsBody,
  handshakeBody,
  ProxyError,
  SERVER_REQUEST,
  systemClock
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { describe, expect, onTestFinished, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { IncomingLinks } from '../../../src/fleet/links/incoming-links.js'
import { LinkPort } from '../../../src/fleet/links/link-port.js'
import type { SealedDuplex } from '../../../src/fleet/links/sealed-duplex.js'
import { createServerKeyPair, fleetKeyOf, keyedHash } from '../../../src/fleet/presence/envelope.js'
import { type Broker, brokerPresence, MemoryBroker, type ProxyServer, type ServerKeyPair } from '../../../src/index.js'
import { clientOn, fleetOf, fleetServer, untilMet } from '../../support/fleet.js'
import { lyingServer } from '../../support/lying-server.js'
import { freeTcpPort } from '../../support/nats-server.js'
import { makeServer } from '../../support/servers.js'
import { codeOf, hex, keysOf, next, TestClient, topicOf } from '../../support/test-client.js'
import { Tunnel } from '../../support/tunnel.js'

const topicHash = (topic: Uint8Array) => keyedHash(fleetKeyOf(), b4a.from('topic'), topic)

/** A port for links that answers what `answer` returns. */
async function lyingPort(keyPair: ServerKeyPair, answer: () => Uint8Array): Promise<number> {
  const tools = { clock: systemClock, isServer: () => true }
  const incoming = new IncomingLinks({ ...tools, sessionOptions: () => ({ onRequest: async () => answer() }) })
  const onStream = (stream: SealedDuplex) => incoming.accept(stream)
  const port = new LinkPort({ keyPair, fleetKey: fleetKeyOf(), clock: systemClock, onStream })
  onTestFinished(() => {
    incoming.destroy(new ProxyError('DESTROYED', 'the test is over'))
    port.close()
  })
  return port.listen('127.0.0.1', 0)
}

async function connected(from: TestClient, to: TestClient) {
  const before = to.accepted.length
  const dialled = await from.dial(to.keyPair.publicKey)
  await until('it is accepted', () => to.accepted.length > before)
  const accepted = to.accepted[before]
  if (accepted === undefined) throw new Error('it is there')
  return { dialled, accepted }
}

describe('a server that lies', () => {
  test('by claiming the key of another server: the dial gets to the right one', async () => {
    const broker = new MemoryBroker()
    const [a, b] = await fleetOf(2, { broker })
    const [alice, bob] = [await clientOn(a as ProxyServer, topicOf(1)), await clientOn(b as ProxyServer, topicOf(1))]
    await until('alice knows bob', () => alice.pushed.length > 0)
    // It takes connections and never answers, so it costs each dial a moment.
    const silent = await Tunnel.to(9)
    const presence = lyingServer(broker, `127.0.0.1:${silent.port}`)
    await until('it is known', () => a?.stats.fleet?.servers.length === 2)
    presence.announce(topicHash(topicOf(1)), bob.keyPair.publicKey, { network: 'liar' })
    await turns(20)
    const { dialled, accepted } = await connected(alice, bob)
    dialled.write(b4a.from('right'))
    expect(b4a.toString(await next(accepted))).toBe('right')
  })

  // Four servers are remembered for a key, and eight claimed it: dials got to none but those.
  test('by claiming a key with many names, and in answer to questions: the dial gets to the right one', async () => {
    const broker = new MemoryBroker()
    const a = fleetServer('a', { broker })
    // They hear of everything first, and answer first.
    const liars = Array.from({ length: 12 }, () => lyingServer(broker, '127.0.0.1:9'))
    const b = fleetServer('b', { broker })
    await until('they are known', () => a.stats.fleet?.servers.length === 13)
    const [alice, bob] = [await clientOn(a, topicOf(1)), await TestClient.connect(b)]
    await bob.listen()
    const { publicKey } = bob.keyPair
    for (const liar of liars) {
      liar.announce(topicHash(topicOf(1)), publicKey, { network: 'liar' })
      liar.announce(keyedHash(fleetKeyOf(), b4a.from('key'), publicKey), publicKey, { network: 'liar' }, true)
    }
    await until('alice hears of bob', () => keysOf(alice.pushed).includes(hex(publicKey)))
    const { dialled, accepted } = await connected(alice, bob)
    dialled.write(b4a.from('right'))
    expect(b4a.toString(await next(accepted))).toBe('right')
  })

  test('by answering handshakes itself: the dial gets to the right one', async () => {
    const broker = new MemoryBroker()
    const [a, b] = await fleetOf(2, { broker })
    const answer = randomBytes(100)
    const onRequest = (op: number, body: Uint8Array): undefined => {
      const isLie = op === SERVER_REQUEST.DIAL_RECV && b4a.equals(handshakeBody.decode(body).bytes, answer)
      if (isLie) throw new ProxyError('HANDSHAKE_MALFORMED', 'not from the peer')
    }
    const alice = await clientOn(a as ProxyServer, topicOf(1), { onRequest })
    const bob = await clientOn(b as ProxyServer, topicOf(1))
    await until('alice knows bob', () => alice.pushed.length > 0)
    const keyPair = createServerKeyPair()
    let asked = 0
    const port = await lyingPort(keyPair, () => {
      asked++
      return FLEET_REQUESTS.OFFER.answer.encode({ offerId: 1, isRefused: false, answer })
    })
    const presence = lyingServer(broker, `127.0.0.1:${port}`, keyPair)
    await until('it is known', () => a?.stats.fleet?.servers.length === 2)
    presence.announce(topicHash(topicOf(1)), bob.keyPair.publicKey, { network: 'liar' })
    await turns(20)
    for (let i = 0; i < 2; i++) {
      const { dialled, accepted } = await connected(alice, bob)
      dialled.write(b4a.from('right'))
      expect(b4a.toString(await next(accepted))).toBe('right')
    }
    expect(asked, 'it is the last to be asked from then on').toBe(1)
  })

  test('by announcing keys without end: it gets 64 of a topic, and the others keep theirs', async () => {
    const broker = new MemoryBroker()
    const [a, b] = await fleetOf(2, { broker })
    const [alice, bob] = [await clientOn(a as ProxyServer, topicOf(1)), await clientOn(b as ProxyServer, topicOf(1))]
    await until('alice knows bob', () => alice.pushed.length > 0)
    const presence = lyingServer(broker, '')
    await until('it is known', () => a?.stats.fleet?.servers.length === 2)
    for (let i = 0; i < 1000; i++) presence.announce(topicHash(topicOf(1)), randomBytes(32), { network: 'liar' })
    let found: string[] = []
    while (found.length < 65) found = keysOf(await alice.lookup(topicOf(1)))
    expect(found).toHaveLength(65)
    expect(found).toContain(hex(bob.keyPair.publicKey))
  })

  test('messages of nobody, of another fleet, replayed or moved to another subject change nothing', async () => {
    const broker = new MemoryBroker()
    const heard: [string, Uint8Array][] = []
    const tap = recording(broker.client(), heard)
    const server = makeServer({ dht: null, fleet: { name: 'a', linkHost: '127.0.0.1', presence: brokerPresence(tap) } })
    const b = fleetServer('b', { broker })
    await untilMet([server, b])
    const bob = await clientOn(b, topicOf(1))
    await clientOn(server, topicOf(1))
    await bob.unannounce(topicOf(1))
    const raw = broker.client()
    raw.start({ onConnected: ignore, onDisconnected: ignore })
    for (const [subject, message] of [...heard]) {
      raw.publish(subject, message)
      raw.publish('swarmway.servers', message)
      raw.publish(subject, randomBytes(message.byteLength))
      raw.publish(subject, message.subarray(0, -1))
    }
    raw.publish('swarmway.servers', fleetTopicsBody.encode({ asks: true, topics: [] }))
    await turns(50)
    expect(server.stats.fleet?.servers.map(({ name }) => name)).toEqual(['b'])
    const carol = await TestClient.connect(server)
    const found = keysOf(await carol.lookup(topicOf(1)))
    expect(found).not.toContain(hex(bob.keyPair.publicKey))
    await raw.close()
  })
})

describe('strangers at the port for links', () => {
  test('are cut off if they do not speak, speak too much, or do not belong to the fleet', async () => {
    const port = await freeTcpPort()
    const server = makeServer({
      dht: null,
      fleet: { name: 'a', linkHost: '127.0.0.1', linkPort: port, presence: brokerPresence(new MemoryBroker().client()) }
    })
    await until('the port is open', () => server.stats.fleet?.brokerOnline === 1)
    for (const bytes of [randomBytes(100), b4a.from([0xff, 0xff]), b4a.concat([b4a.from([96, 0]), randomBytes(96)])]) {
      const socket = connect({ host: '127.0.0.1', port })
      socket.on('error', ignore)
      socket.resume()
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.write(bytes)
      await closed
    }
    expect(server.stats.fleet?.linksIn).toBe(0)
  })
})

describe('a link between servers', () => {
  test('that breaks is replaced, and no byte of its streams is lost', async () => {
    const broker = new MemoryBroker()
    const port = await freeTcpPort()
    const tunnel = await Tunnel.to(port)
    const presence = () => brokerPresence(broker.client())
    const a = makeServer({ dht: null, fleet: { name: 'a', linkHost: '127.0.0.1', presence: presence() } })
    const own = { name: 'b', linkHost: '127.0.0.1', linkPort: port, linkAddress: `127.0.0.1:${tunnel.port}` }
    const b = makeServer({ dht: null, fleet: { ...own, presence: presence() } })
    await untilMet([a, b])
    const [alice, bob] = [await clientOn(a, topicOf(1)), await clientOn(b, topicOf(1))]
    const { accepted, dialled } = await connected(alice, bob)
    const sent = randomBytes(3 * 1024 * 1024)
    const received: Uint8Array[] = []
    accepted.on('data', (chunk) => received.push(chunk))
    const bytes = () => received.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    for (let at = 0; at < sent.byteLength; at += 65_536) {
      dialled.write(sent.subarray(at, at + 65_536))
      if (at % (8 * 65_536) === 0) {
        tunnel.cut()
        await turns(3)
        tunnel.restore()
      }
    }
    await until('everything has arrived', () => bytes() === sent.byteLength)
    expect(b4a.equals(b4a.concat(received), sent)).toBe(true)
    accepted.write(b4a.from('and back'))
    expect(b4a.toString(await next(dialled))).toBe('and back')
  })

  test('to a server that is gone ends its streams, and the clients keep everything else', async () => {
    const broker = new MemoryBroker()
    const [a, b] = await fleetOf(2, { broker })
    const [alice, bob] = [await clientOn(a as ProxyServer, topicOf(1)), await clientOn(b as ProxyServer, topicOf(1))]
    const friend = await clientOn(a as ProxyServer, topicOf(2))
    const { dialled } = await connected(alice, bob)
    const kept = await connected(alice, friend)
    const ended = new Promise<Error>((resolve) => dialled.once('error', resolve))
    await b?.destroy()
    expect(await ended).toHaveProperty('code')
    kept.dialled.write(b4a.from('still here'))
    expect(b4a.toString(await next(kept.accepted))).toBe('still here')
    await until('it has left', () => a?.stats.fleet?.servers.length === 0)
    expect(await codeOf(alice.dial(bob.keyPair.publicKey))).toBe('PEER_NOT_FOUND')
  })
})

describe('a crowd on one topic', () => {
  test('is told by a sample: its joins and leaves cost the broker next to nothing', async () => {
    const broker = new MemoryBroker()
    const presence = lyingServer(broker, '')
    const [a] = await fleetOf(1, { broker })
    const alice = await clientOn(a as ProxyServer, topicOf(1))
    await until('it is known', () => a?.stats.fleet?.servers.length === 1)
    const keys = Array.from({ length: 10_000 }, () => randomBytes(32))
    for (const key of keys.slice(0, 100)) presence.announce(topicHash(topicOf(1)), key, { network: 'liar' })
    await until('a sample is known', () => new Set(keysOf(alice.pushed)).size === 64)
    const before = broker.messages
    for (const key of keys.slice(100)) presence.announce(topicHash(topicOf(1)), key, { network: 'liar' })
    await turns(100)
    expect(broker.messages - before).toBeLessThan(20)
    expect(await alice.lookup(topicOf(1))).toHaveLength(64)
  })
})

describe('the end of an outage', () => {
  test('causes no storm: three servers with 300 topics send a few messages each', async () => {
    const broker = new MemoryBroker()
    const servers = await fleetOf(3, { broker, presence: { leaseMs: 30_000 } })
    const clients = await Promise.all(servers.map((server) => TestClient.connect(server)))
    for (const client of clients) {
      await client.listen()
      for (let i = 1; i <= 300; i++) {
        client.watch(topicOf(i).map((byte, at) => (at === 0 ? i >> 8 : byte)))
        await client.announce(topicOf(i).map((byte, at) => (at === 0 ? i >> 8 : byte)))
      }
    }
    const late = await TestClient.connect(servers[0] as ProxyServer)
    await late.listen()
    broker.isDown = true
    await until('they notice', () => servers.every(({ stats }) => stats.fleet?.brokerOnline === 0))
    await late.announce(topicOf(1).map((byte, at) => (at === 0 ? 0 : byte)))
    const before = broker.messages
    broker.isDown = false
    const target = hex(late.keyPair.publicKey)
    await until('what came meanwhile is known', () => keysOf(clients[1]?.pushed ?? []).includes(target))
    await new Promise((resolve) => setTimeout(resolve, 3000))
    // What was told in the lease before the outage is told again, as it may have been lost: once for each topic. The
    // answers of the others come together.
    expect(broker.messages - before).toBeLessThan(3 * 300 * 1.5)
  })
})

function recording(broker: Broker, heard: [string, Uint8Array][]): Broker {
  return {
    localHost: broker.localHost,
    start: (listener) => broker.start(listener),
    publish: (subject, message) => broker.publish(subject, message),
    subscribe: (subject, onMessage) =>
      broker.subscribe(subject, (message) => {
        heard.push([subject, b4a.from(message)])
        onMessage(message)
      }),
    close: () => broker.close()
  }
}

function ignore(): void {}
