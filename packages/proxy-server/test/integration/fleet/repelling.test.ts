/** Members of a fleet that say that they are there, claim keys, and repel each link or each offer. */
import { handshakeBody, ProxyError, SERVER_REQUEST } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { describe, expect, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { createServerKeyPair, fleetKeyOf, keyedHash } from '../../../src/fleet/presence/envelope.js'
import { brokerPresence, type FleetOptions, MemoryBroker, type ProxyServer } from '../../../src/index.js'
import { nats } from '../../../src/nats/index.js'
import { clientOn, exchange, fleetServer, untilMet } from '../../support/fleet.js'
import { liarOver } from '../../support/lying-server.js'
import { NatsServer, natsObstacle } from '../../support/nats-server.js'
import { FALSE_ANSWER, REPELLING, type Repelling, repellingPort } from '../../support/repelling-port.js'
import { makeServer } from '../../support/servers.js'
import { codeOf, hex, keysOf, TestClient, topicOf } from '../../support/test-client.js'

const obstacle = natsObstacle()
if (obstacle !== null) console.warn(`skipped: repelling members over NATS (${obstacle})`)

const OWNER = { network: 'repelling' }
const hashOf = (kind: string, bytes: Uint8Array) => keyedHash(fleetKeyOf(), b4a.from(kind), bytes)

/** As a client does that is brought an answer which is not its peer's. */
const onRequest = (op: number, body: Uint8Array): undefined => {
  if (op === SERVER_REQUEST.DIAL_RECV && b4a.equals(handshakeBody.decode(body).bytes, FALSE_ANSWER))
    throw new ProxyError('HANDSHAKE_MALFORMED', 'not from the peer')
}

/** A member that repels, and claims these keys on a topic. */
async function repelling(of: FleetOptions['presence'], way: Repelling, topic: Uint8Array, keys: readonly Uint8Array[]) {
  const keyPair = createServerKeyPair()
  const { count, port } = await repellingPort(keyPair, way)
  const presence = liarOver(of, `127.0.0.1:${port}`, keyPair)
  for (const key of keys) presence.announce(hashOf('topic', topic), key, OWNER)
  return { count, presence }
}

async function clientsKeepTheirWay(a: ProxyServer, b: ProxyServer, of: () => FleetOptions['presence'], way: Repelling) {
  await untilMet([a, b])
  const [topic, alone] = [topicOf(1), topicOf(2)]
  const [alice, bob] = [await clientOn(a, topic, { onRequest }), await clientOn(b, topic)]
  const { count } = await repelling(of(), way, topic, [bob.keyPair.publicKey, alone])
  await until('alice has heard of both keys', () =>
    [bob.keyPair.publicKey, alone].every((key) => keysOf(alice.pushed).includes(hex(key)))
  )
  for (let i = 0; i < 3; i++) await exchange(alice, bob)
  expect(await codeOf(alice.dial(alone))).toMatch(/^[A-Z_]+$/)
  const before = count.connections
  await turns(100)
  expect([count.connections - before <= 1, before < 12]).toEqual([true, true])
}

describe('a member that', () => {
  test.each(REPELLING)('%s takes no way from the clients of others', async (way) => {
    const broker = new MemoryBroker()
    const [a, b] = [fleetServer('a', { broker }), fleetServer('b', { broker })]
    await clientsKeepTheirWay(a, b, () => brokerPresence(broker.client()), way)
  })

  test
    .skipIf(obstacle !== null)
    .each([
      'cuts each connection',
      'cuts each link after its greeting',
      'refuses each offer with an error of its own'
    ] as const)('%s takes no way from the clients of others, over NATS', async (way) => {
    const broker = await NatsServer.start()
    const fleetAs = (name: string) => nats({ servers: broker.url, name, linkHost: '127.0.0.1', leaseMs: 60_000 })
    const [a, b] = ['a', 'b'].map((name) => makeServer({ dht: null, fleet: fleetAs(name) })) as [
      ProxyServer,
      ProxyServer
    ]
    await clientsKeepTheirWay(a, b, () => fleetAs('repelling').presence, way)
  })

  // What such a member said of the peer was believed, and the dial looked no further.
  test.each(REPELLING)('%s claims a key, eight times over and first: a dial to it gets there', async (way) => {
    const broker = new MemoryBroker()
    const [a, b] = [fleetServer('a', { broker }), fleetServer('b', { broker })]
    await untilMet([a, b])
    const [alice, bob] = [await TestClient.connect(a, { onRequest }), await TestClient.connect(b)]
    await bob.listen()
    const { publicKey } = bob.keyPair
    const members = []
    for (let i = 0; i < 8; i++)
      members.push(await repelling(brokerPresence(broker.client()), way, topicOf(1), [publicKey]))
    for (const { presence } of members) presence.announce(hashOf('key', publicKey), publicKey, OWNER, true)
    await until('they are known', () => a.stats.fleet?.servers.length === 9)
    alice.watch(topicOf(1))
    await until('alice hears of it', () => keysOf(alice.pushed).includes(hex(publicKey)))
    await turns(20)
    await exchange(alice, bob)
  })
})
