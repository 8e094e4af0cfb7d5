import { expect, test } from 'vitest'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

/** Two swarms on one network; the second one listens. */
async function setUp() {
  const { clock, createSwarm } = createFakeNetwork()
  const [swarm, other] = [createSwarm(), createSwarm()]
  const listening = other.listen()
  await clock.advance(100)
  await listening
  return { clock, swarm, other, key: other.keyPair.publicKey }
}

test('a peer that was joined is kept, and dialled again after its connection is lost', async () => {
  const { clock, swarm, other, key } = await setUp()
  swarm.joinPeer(key)
  await clock.advance(1000)
  expect([...swarm.explicitPeers].map(({ publicKey }) => publicKey)).toEqual([key])
  for (const connection of other.connections) connection.destroy()
  await clock.advance(30_000)
  expect(swarm.connections.size).toBe(1)
})

test('after leavePeer the connection stays, but is not made again', async () => {
  const { clock, swarm, other, key } = await setUp()
  swarm.joinPeer(key)
  await clock.advance(1000)
  swarm.leavePeer(key)
  expect([swarm.explicitPeers.size, swarm.connections.size]).toEqual([0, 1])
  for (const connection of other.connections) connection.destroy()
  await clock.advance(30_000)
  expect(swarm.connections.size).toBe(0)
})

test('disconnect closes the connection of a joined peer, and leaves the peer alone until connect asks for it', async () => {
  const { clock, swarm, key } = await setUp()
  swarm.joinPeer(key)
  await clock.advance(1000)
  const disconnected = swarm.disconnect(key)
  await clock.advance(30_000)
  await disconnected
  expect([swarm.explicitPeers.size, swarm.connections.size]).toEqual([0, 0])
  const connected = swarm.connect(key)
  await clock.advance(1000)
  expect((await connected).remotePublicKey).toEqual(key)
})

test('the own key is neither joined nor dialled, and a key that is unknown is nothing to leave', async () => {
  const { swarm } = await setUp()
  swarm.joinPeer(swarm.keyPair.publicKey)
  swarm.leavePeer(bytes32(7))
  await swarm.disconnect(bytes32(7))
  expect([swarm.explicitPeers.size, swarm.peers.size]).toEqual([0, 0])
  await expect(swarm.connect(swarm.keyPair.publicKey)).rejects.toMatchObject({ code: 'SELF' })
})

test('the message of a failed connect begins with the code of the error, not with another one', async () => {
  const { clock, swarm } = await setUp()
  const failed = swarm.connect(bytes32(7)).catch((error: unknown) => error)
  await clock.advance(60_000)
  expect(await failed).toMatchObject({
    code: 'PEER_NOT_FOUND',
    message: expect.stringMatching('^PEER_NOT_FOUND: could not reach the peer')
  })
})
