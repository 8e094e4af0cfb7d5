import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('limited')
const PEERS = 20_000

// Each time that a place became free, all peers that had found none were queued again, and looked at one by one.
test('among 20,000 known peers, a free place of a topic looks at as many as fit', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  for (let i = 0; i < PEERS; i++) {
    const publicKey = new Uint8Array(32)
    new DataView(publicKey.buffer).setUint32(0, i + 1)
    network.store(topic, { publicKey, relayAddresses: [] })
  }
  let looks = 0
  const hold: () => { code: string } | 'hang' = () => (looks++ < 2 ? 'hang' : { code: 'PEER_NOT_FOUND' })
  network.dialFate = hold
  // The dial queue draws a random number for each peer that it hands out.
  let handedOut = 0
  const random = () => {
    handedOut++
    return 0.5
  }
  const swarm = createSwarm({ maxFoundPeers: PEERS, random })
  const session = swarm.join(topic, { server: false, limit: 2 })
  await clock.advance(100)
  expect([swarm.connecting, swarm.peers.size]).toEqual([2, PEERS])
  const queue = [...swarm.peers.values()].filter((info) => info.queued)
  expect(queue.length).toBe(0)
  network.dialFate = () => 'hang'
  const [first] = swarm.node.dials
  handedOut = 0
  first?.connection.destroy(Object.assign(new Error('gone'), { code: 'PEER_NOT_FOUND' }))
  await clock.advance(100)
  expect([swarm.connecting, swarm.node.dials.length]).toEqual([2, 3])
  expect(handedOut).toBeLessThan(10)
  await session.destroy()
})
