import { expect, test } from 'vitest'
import { createKeyPair } from '../../../src/util/keys.js'
import { FakeConnection } from '../../support/fake-connection.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

const CONFIRM_TIMEOUT_MS = 10_000

/** A listening swarm without the extension, and the two ends of its node's server. */
async function setUp() {
  const fake = createFakeNetwork()
  const swarm = fake.createSwarm({ hasExtension: false, maxServerConnections: 1 })
  await swarm.listen()
  const server = swarm.node.servers[0]
  if (server === undefined) throw new Error('no server')
  const remote = createKeyPair().publicKey
  const handshake = async (key = remote) => (await server.options.firewall?.(key, {}, null)) === false
  const arrive = () => {
    const connection = new FakeConnection(swarm.keyPair.publicKey, remote, false, fake.network.post)
    server.emit(connection)
    return connection
  }
  return { ...fake, swarm, handshake, arrive }
}

test('an accepted handshake reserves a place, and frees it if no connection follows', async () => {
  const { clock, handshake, swarm } = await setUp()
  expect(await handshake()).toBe(true)
  expect(await handshake(createKeyPair().publicKey), 'another one at the limit').toBe(false)
  await clock.advance(CONFIRM_TIMEOUT_MS)
  expect([swarm.stats.unconfirmed, swarm.peers.size, clock.liveTimers]).toEqual([1, 0, 0])
  expect(await handshake(createKeyPair().publicKey)).toBe(true)
})

test('a connection on which the remote sends nothing is not shown, and is closed', async () => {
  const { arrive, clock, handshake, swarm } = await setUp()
  swarm.on('connection', () => expect.unreachable())
  await handshake()
  const connection = arrive()
  connection.markOpen()
  await clock.advance(CONFIRM_TIMEOUT_MS - 1)
  expect(connection.destroying).toBe(false)
  await clock.advance(1)
  expect(connection.destroying).toBe(true)
  expect([swarm.stats.unconfirmed, swarm.peers.size, clock.liveTimers]).toEqual([1, 0, 0])
})

test('a connection is shown when the first bytes arrive, and not earlier', async () => {
  const { arrive, clock, handshake, swarm } = await setUp()
  await handshake()
  const connection = arrive()
  connection.markOpen()
  await clock.advance(100)
  expect(swarm.connections.size).toBe(0)
  connection.rawStream.receive(56)
  expect([...swarm.connections]).toEqual([connection])
  await clock.advance(CONFIRM_TIMEOUT_MS)
  expect([connection.destroying, swarm.stats.unconfirmed, clock.liveTimers]).toEqual([false, 0, 0])
})

test('a connection that closes before its first bytes is counted and forgotten', async () => {
  const { arrive, clock, handshake, swarm } = await setUp()
  await handshake()
  arrive().kill()
  await clock.advance(0)
  expect([swarm.stats.unconfirmed, swarm.peers.size, clock.liveTimers]).toEqual([1, 0, 0])
})

test('of two handshakes of one remote, the later connection is kept', async () => {
  const { arrive, clock, handshake, swarm } = await setUp()
  await handshake()
  const first = arrive()
  await handshake()
  const second = arrive()
  for (const connection of [first, second]) connection.markOpen()
  second.rawStream.receive(56)
  await clock.advance(0)
  expect([first.destroying, [...swarm.connections]]).toEqual([true, [second]])
})

test('a connection without an accepted handshake is closed', async () => {
  const { arrive, clock, swarm } = await setUp()
  const connection = arrive()
  await clock.advance(0)
  expect([connection.destroying, swarm.connections.size]).toEqual([true, 0])
})

test('a dialled connection on which the remote sends nothing ends as UNCONFIRMED, unseen', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  const [server, client] = [createSwarm(), createSwarm()]
  await server.listen()
  network.isMute = true
  client.on('connection', () => expect.unreachable())
  const failed = expect(client.connect(server.keyPair.publicKey)).rejects.toMatchObject({ code: 'UNCONFIRMED' })
  await clock.advance(3000)
  await failed
  expect(client.stats.dials).toEqual({ UNCONFIRMED: 1 })
  expect([client.connections.size, client.node.dials[0]?.connection.destroying]).toEqual([0, true])
})
