/** A server of a fleet that has the DHT as well. */
import { createServer } from 'node:net'
import { ProxyError, SERVER_REQUEST } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { fleetKeyOf, keyedHash } from '../../../src/fleet/presence/envelope.js'
import { brokerPresence, MemoryBroker } from '../../../src/index.js'
import { lyingServer } from '../../support/lying-server.js'
import { makeServer } from '../../support/servers.js'
import { codeOf, TestClient, type TestClientOptions, topicOf } from '../../support/test-client.js'
import { HOST, testnet } from '../../support/testnet.js'

/** Bob is at a server of the DHT; a server of the fleet, with this address for links, claims his key. */
async function claimedKey(linkAddress: string, options: TestClientOptions = {}) {
  const [broker, net] = [new MemoryBroker(), await testnet()]
  const dhtOptions = { bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true }
  const fleet = { name: 'a', linkHost: HOST, presence: brokerPresence(broker.client()) }
  const [a, b] = [makeServer({ ...dhtOptions, fleet }), makeServer(dhtOptions)]
  const [alice, bob] = [await TestClient.connect(a, options), await TestClient.connect(b)]
  await bob.listen()
  alice.watch(topicOf(1))
  const topic = keyedHash(fleetKeyOf(), b4a.from('topic'), topicOf(1))
  lyingServer(broker, linkAddress).announce(topic, bob.keyPair.publicKey, { network: 'liar' })
  await until('alice hears of bob', () => alice.pushed.length > 0)
  return { alice, bob }
}

async function silentPort(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, HOST)
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

// What a server of the fleet had said about a key was believed: a firewall between two servers, or one that was killed or
// lied, made the dial fail, and only the next one went through the DHT.
test.each([
  ['is gone', async () => 9],
  ['takes the connection and says nothing', silentPort]
])('a key whose server %s is dialled through the DHT, by the same dial', async (_, port) => {
  const { alice, bob } = await claimedKey(`${HOST}:${await port()}`)
  await alice.dial(bob.keyPair.publicKey)
  await until('bob has it', () => bob.accepted.length === 1)
  expect(alice.asked.filter((op) => op === SERVER_REQUEST.DIAL_SEND)).toHaveLength(2)
})

test('an older client makes one handshake message for each dial: it hears why the first way failed', async () => {
  let messages = 0
  const onRequest = (op: number): undefined => {
    if (op === SERVER_REQUEST.DIAL_SEND && ++messages === 2) throw new ProxyError('BAD_REQUEST', 'it was made already')
  }
  const { alice, bob } = await claimedKey(`${HOST}:9`, { onRequest })
  expect(await codeOf(alice.dial(bob.keyPair.publicKey))).toBe('PEER_CONNECTION_FAILED')
  expect(messages).toBe(2)
})

// Two clients of a killed server met again after 20 s where UDP leads nowhere, as in many containers: each was dialled through
// the DHT, for as long as that did not answer.
test('while the DHT does not answer, the fleet is asked where a key is', async () => {
  const broker = new MemoryBroker()
  const fleetAs = (name: string) => ({ name, linkHost: HOST, presence: brokerPresence(broker.client()) })
  const deadDht = { bootstrap: [{ host: HOST, port: 1 }], host: HOST, allowPrivateAddresses: true }
  const [a, b] = [makeServer({ ...deadDht, fleet: fleetAs('a') }), makeServer({ dht: null, fleet: fleetAs('b') })]
  await until('they have met', () => [a, b].every(({ stats }) => stats.fleet?.servers.length === 1))
  await until('the DHT is offline', () => !a.online)
  const [alice, bob] = [await TestClient.connect(a), await TestClient.connect(b)]
  await bob.listen()
  alice.watch(topicOf(1))
  const topic = keyedHash(fleetKeyOf(), b4a.from('topic'), topicOf(1))
  lyingServer(broker, `${HOST}:9`).announce(topic, bob.keyPair.publicKey, { network: 'gone' })
  await until('alice hears of bob', () => alice.pushed.length > 0)
  await alice.dial(bob.keyPair.publicKey)
  await until('bob has it', () => bob.accepted.length === 1)
  // A key that nobody has told.
  const carol = await TestClient.connect(b)
  await carol.listen()
  await alice.dial(carol.keyPair.publicKey)
  await until('carol has it', () => carol.accepted.length === 1)
})

// A client that was away for a moment could not be dialled: the DHT was asked, which did not answer, with the fleet or without.
test.each([
  ['the fleet does not have it', true],
  ['there is no fleet', false]
])('a client that waits to be resumed is dialled here while the DHT does not answer and %s', async (_, hasFleet) => {
  const broker = new MemoryBroker()
  const fleet = { name: 'a', linkHost: HOST, presence: brokerPresence(broker.client()) }
  const server = makeServer({
    bootstrap: [{ host: HOST, port: 1 }],
    host: HOST,
    allowPrivateAddresses: true,
    ...(hasFleet && { fleet })
  })
  await until('the DHT is offline', () => !server.online)
  const [alice, bob] = [await TestClient.connect(server), await TestClient.connect(server)]
  await bob.listen()
  bob.cut()
  bob.session.detach()
  await until('the server has noticed', () => server.stats.attached === 1)
  const dialled = alice.dial(bob.keyPair.publicKey)
  await until('the dial has begun', () => alice.asked.includes(SERVER_REQUEST.DIAL_SEND))
  expect(await bob.resume(server)).toMatchObject({ resumed: true })
  await dialled
  await until('bob has it', () => bob.accepted.length === 1)
})
