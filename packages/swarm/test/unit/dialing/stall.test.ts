/** While our event loop stood still, the first bytes of a peer waited in the socket, and its connection was closed. */
import { expect, test } from 'vitest'
import { StallingClock } from '../../../../runtime/test/support/stalling-clock.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { FakeConnection } from '../../support/fake-connection.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

/** A network in which what the remote sends is still unread. */
function setUp() {
  const clock = new StallingClock()
  const { createSwarm, network } = createFakeNetwork(clock)
  network.isMute = true
  /** The process stands still until long after a deadline that began now. */
  const stallBeyond = async (deadlineMs: number) => {
    clock.stall(10 * deadlineMs)
    await clock.advance(deadlineMs)
  }
  return { clock, createSwarm, network, stallBeyond }
}

test('a dialled connection is not given up because this side stood still', async () => {
  const { clock, createSwarm, stallBeyond } = setUp()
  const [server, client] = [createSwarm(), createSwarm()]
  await server.listen()
  const connected = client.connect(server.keyPair.publicKey)
  await clock.advance(0)
  await stallBeyond(3000)
  const [dial] = client.node.dials
  expect(dial?.connection.destroying).toBe(false)
  dial?.connection.rawStream.receive(56)
  expect(await connected).toBe(dial?.connection)
})

test('nor is an accepted one', async () => {
  const { clock, createSwarm, network, stallBeyond } = setUp()
  const swarm = createSwarm({ hasExtension: false })
  await swarm.listen()
  const [server] = swarm.node.servers
  const remote = createKeyPair().publicKey
  await server?.options.firewall?.(remote, {}, null)
  const connection = new FakeConnection(swarm.keyPair.publicKey, remote, false, network.post)
  server?.emit(connection)
  connection.markOpen()
  await clock.advance(0)
  await stallBeyond(10_000)
  connection.rawStream.receive(56)
  expect([...swarm.connections]).toEqual([connection])
})

test('nor is a dial in progress; one that hangs ends nevertheless', async () => {
  const { clock, createSwarm, network, stallBeyond } = setUp()
  const client = createSwarm({ dialTimeoutMs: 10_000 })
  network.dialFate = () => 'hang'
  const failed = expect(client.connect(createKeyPair().publicKey)).rejects.toMatchObject({ code: 'DIAL_TIMEOUT' })
  await clock.advance(0)
  await stallBeyond(10_000)
  expect(client.stats.dials).toEqual({})
  await clock.advance(10_000)
  await failed
})
