import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { FakeFinder } from '../../support/fake-finder.js'
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

/** Fifty hosts that joined together each began eight dials, and none of all these was done for seconds. */
test('a swarm begins with few dials where it finds peers on the local network, and has more later', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.queryFate = () => 'fail'
  network.latencyMs = 10
  const others = Array.from({ length: 40 }, (_, i) => createSwarm({ seed: bytes32(i + 1) }))
  await Promise.all([clock.advance(100), ...others.map((other) => other.listen())])
  const lan = new FakeFinder()
  const swarm = createSwarm({ createFinder: () => lan })
  swarm.join(topic, { server: false })
  for (const { keyPair } of others) lan.listener?.onPeer(keyPair.publicKey, { host: '10.0.0.2', port: 1 }, true, false)
  const inProgress: number[] = []
  for (let step = 0; step < 60; step++) {
    inProgress.push(swarm.connecting)
    await clock.advance(5)
  }
  expect([inProgress[0], Math.max(...inProgress), swarm.connections.size]).toEqual([3, 8, 40])
})
