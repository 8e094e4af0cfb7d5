/** Very many peers of a topic, found at once. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'
import { WorkingClock } from '../../support/working-clock.js'

const COUNT = 20_000
const LIMIT = 4
const topic = topicFrom('very popular')

/** A swarm on a clock that moves by 10 ms for every 500 peers or so, with the number of its peers at each pause. */
function setUp() {
  const clock = new WorkingClock(0.01)
  const { createSwarm, network } = createFakeNetwork(clock)
  for (let i = 0; i < COUNT; i++) network.store(topic, { publicKey: randomBytes(32), relayAddresses: [] })
  network.dialFate = () => 'hang'
  const swarm = createSwarm({ maxFoundPeers: COUNT })
  const sizes: number[] = []
  clock.onPause = () => sizes.push(swarm.peers.size)
  return { clock, swarm, sizes, join: () => swarm.join(topic, { server: false, limit: LIMIT }) }
}

// 20,000 peers in one burst blocked the event loop for seconds, and to leave the topic took another.
test('20,000 peers found at once are taken, and forgotten, in slices', async () => {
  const { clock, join, sizes, swarm } = setUp()
  join()
  await clock.advance(100)
  expect(swarm.peers.size).toBe(COUNT)
  expect(new Set(sizes).size).toBeGreaterThan(10)
  sizes.length = 0
  void swarm.leave(topic)
  await clock.advance(100)
  expect(swarm.peers.size).toBe(LIMIT)
  expect(new Set(sizes).size).toBeGreaterThan(10)
})

test('a topic that is joined again while its peers are being forgotten has all of them', async () => {
  const { clock, join, sizes, swarm } = setUp()
  join()
  await clock.advance(100)
  void swarm.leave(topic)
  clock.onPause = () => {
    sizes.push(swarm.peers.size)
    if (swarm.peers.size < COUNT / 2 && swarm.status(topic) === null) join()
  }
  await clock.advance(1000)
  expect(swarm.status(topic)).not.toBeNull()
  await clock.advance(60_000)
  expect(swarm.peers.size).toBe(COUNT)
})
