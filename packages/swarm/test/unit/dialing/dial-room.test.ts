import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('dial room')

/** A swarm that has found 40 peers, none of which answers a dial. */
async function amongDeadPeers(maxParallel: number) {
  const fake = createFakeNetwork()
  fake.network.latencyMs = 10
  fake.network.dialFate = () => 'hang'
  for (let peer = 1; peer <= 40; peer++) {
    fake.network.store(topic, { publicKey: bytes32(peer), relayAddresses: [] })
  }
  const swarm = fake.createSwarm({ maxParallel, dialTimeoutMs: 2000 })
  swarm.join(topic, { server: false })
  return { ...fake, swarm }
}

/** Eight dials at a time kept timing out, on a line or a processor that could have finished three. */
test('dials that time out leave fewer in progress, down to three', async () => {
  const { clock, swarm } = await amongDeadPeers(16)
  await clock.advance(1000)
  expect(swarm.connecting).toBe(16)
  await clock.advance(1500)
  expect(swarm.connecting).toBe(8)
  await clock.advance(4000)
  expect(swarm.connecting).toBe(3)
})

// Among 400 keys that nobody has, each of which took seconds to find out, the only peer was not reached within 20 s.
test('peers that are not there leave more dials in progress, up to four times maxParallel, until one times out', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.latencyMs = 500
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  for (let peer = 1; peer <= 400; peer++) network.store(topic, { publicKey: bytes32(peer), relayAddresses: [] })
  const swarm = createSwarm({ maxParallel: 8 })
  let most = 0
  swarm.on('update', () => {
    most = Math.max(most, swarm.connecting)
  })
  swarm.join(topic, { server: false })
  await clock.advance(15_000)
  expect(most).toBe(32)
  expect(swarm.stats.dials.PEER_NOT_FOUND).toBeGreaterThan(300)
  network.dialFate = () => ({ code: 'ETIMEDOUT' })
  await clock.advance(20_000)
  most = 0
  await clock.advance(60_000)
  expect(most).toBeLessThanOrEqual(8)
})

/** A call of `flush` ended as if there were nothing left to try, while the swarm waited for its turn. */
test('flush waits while other swarms of the process use all places', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.dialFate = () => 'hang'
  for (let peer = 1; peer <= 100; peer++) network.store(topic, { publicKey: bytes32(peer), relayAddresses: [] })
  const greedy = createSwarm({ maxParallel: 100, maxPeers: 200 })
  greedy.join(topic, { server: false })
  await clock.advance(1000)
  const swarm = createSwarm()
  swarm.join(topic, { server: false })
  await clock.advance(1000)
  let isFlushed = false
  const flushed = swarm.flush().then(() => {
    isFlushed = true
  })
  await clock.advance(1000)
  expect([swarm.connecting, isFlushed]).toEqual([0, false])
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  await greedy.destroy()
  await clock.advance(120_000)
  await flushed
  expect(isFlushed).toBe(true)
})
