import { expect, test } from 'vitest'
import { createKeyPair, publicKeyHex } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { discoverySetUp as setUp } from '../../support/discovery-queries.js'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('discovery')
const HOUR_MS = 3_600_000

// The first announce of hyperswarm 4.17 looks before anybody has stored; the next look is 10 minutes later.
test('swarms that join at the same moment find each other by re-lookups, within seconds', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.latencyMs = 20
  const swarms = Array.from({ length: 8 }, (_, i) => createSwarm({ seed: bytes32(i + 1) }))
  for (const swarm of swarms) swarm.join(topic)
  await clock.advance(5000)
  expect(swarms.map(({ connections }) => connections.size)).toEqual(swarms.map(() => 7))
  expect(swarms[0]?.stats.queries.relookups).toBeGreaterThan(0)
})

test('re-lookups ask a few of the nodes nearest to the topic, on a growing schedule, and then come refreshes', async () => {
  const { clock, swarm, kinds } = setUp()
  swarm.join(topic)
  await clock.advance(60_000)
  expect(kinds()).toEqual(['announce', ...Array(5).fill('lookup')])
  expect(swarm.node.queries[1]?.options).toMatchObject({ onlyClosestNodes: true })
  expect(swarm.node.queries[1]?.options.closestNodes).toHaveLength(5)
  expect(swarm.stats.queries).toMatchObject({ relookups: 5, total: 6, failed: 0, inFlight: 0, queued: 0 })
  await clock.advance(2 * HOUR_MS)
  const refreshes = kinds().slice(6)
  expect(new Set(refreshes)).toEqual(new Set(['announce']))
  expect(refreshes.length).toBeGreaterThanOrEqual(10)
  expect(refreshes.length).toBeLessThanOrEqual(12)
})

/** A topic of which each query tells 20 peers, in turn; none but those of `real` exist. */
function crowd(count: number, real: readonly number[]) {
  const { clock, createSwarm, network } = createFakeNetwork()
  const keyOf = (i: number) => createKeyPair(bytes32(i + 1))
  network.dialFate = (_from, to) =>
    real.some((i) => publicKeyHex(keyOf(i).publicKey) === to) ? 'pass' : { code: 'PEER_NOT_FOUND' }
  for (const i of real) createSwarm({ keyPair: keyOf(i) }).join(topic, { client: false })
  let queryCount = 0
  const told = () => Array.from({ length: 20 }, (_, i) => (20 * queryCount + i) % count)
  network.announced = () => {
    const peers = told().map((i) => ({ publicKey: keyOf(i).publicKey, relayAddresses: [] }))
    queryCount++
    return peers
  }
  const swarm = createSwarm({ seed: bytes32(250) })
  return { clock, swarm, lookups: () => swarm.node.queries.length }
}

// Each node tells 20 peers at random. One that hid among 400 invented keys was found after minutes, or never.
test('a real peer among many invented ones is found by asking all of the nearest nodes again and again', async () => {
  const { clock, swarm } = crowd(200, [150])
  swarm.join(topic, { server: false })
  await clock.advance(20_000)
  expect(swarm.connections.size).toBe(1)
  expect(swarm.node.queries[1]?.options).toMatchObject({ onlyClosestNodes: true })
  expect(swarm.node.queries[1]?.options.closestNodes).toHaveLength(20)
})

// When the first query ends, the dials have just begun: one sweep follows.
test('a crowded topic is swept no more once it has enough connections, or wants no more', async () => {
  const everyone = Array.from({ length: 20 }, (_, i) => i)
  const { clock, swarm, lookups } = crowd(20, everyone)
  swarm.join(topic, { server: false })
  await clock.advance(60_000)
  expect([swarm.connections.size, lookups()]).toEqual([20, 7])
  const limited = crowd(20, everyone)
  limited.swarm.join(topic, { server: false, limit: 2 })
  await limited.clock.advance(60_000)
  expect([limited.swarm.connections.size, limited.lookups()]).toEqual([2, 7])
})
