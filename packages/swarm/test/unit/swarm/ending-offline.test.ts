import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

const TOPICS = 300

/** A swarm that has announced many topics, on a node that it shares or owns; then the network is gone. */
async function setUp(ownsNode: boolean) {
  const fake = createFakeNetwork()
  const swarm = fake.createSwarm({ ownsNode })
  for (let i = 0; i < TOPICS; i++) swarm.join(topicFrom(`ending ${i}`))
  await fake.clock.advanceUntil(() => swarm.stats.queries.total >= TOPICS && swarm.stats.queries.inFlight === 0)
  fake.network.isDark = true
  return { ...fake, swarm }
}

// With 300 topics, `destroy` withdrew four at a time, each until its time-out, and took 79 seconds.
test('destroy withdraws 300 topics for five seconds at most, and then forces its node to end', async () => {
  const { clock, swarm } = await setUp(true)
  const options: Array<{ force?: boolean } | undefined> = []
  const destroyNode = swarm.node.destroy.bind(swarm.node)
  swarm.node.destroy = async (given?: { force?: boolean }) => {
    options.push(given)
    await destroyNode()
  }
  const destroyed = swarm.destroy()
  await clock.advance(5000)
  await destroyed
  expect(options).toEqual([{ force: true }])
  expect(clock.liveTimers).toBe(0)
})

test('suspend withdraws 300 topics for two seconds at most, and resume announces them again', async () => {
  const { clock, network, swarm } = await setUp(true)
  const suspended = swarm.suspend()
  await clock.advance(2000)
  await suspended
  expect(swarm.node.suspended).toBe(true)
  network.isDark = false
  const { total } = swarm.stats.queries
  await swarm.resume()
  await clock.advanceUntil(() => swarm.stats.queries.queued === 0 && swarm.stats.queries.inFlight === 0)
  expect(swarm.stats.queries.total - total).toBe(TOPICS)
})

// A shared node lives on: it must not be asked for a minute to withdraw what was given up.
test('what was given up is not withdrawn later from a node that others share', async () => {
  const { clock, swarm } = await setUp(false)
  const destroyed = swarm.destroy()
  await clock.advance(5000)
  await destroyed
  const { length } = swarm.node.unannounced
  expect(length).toBeLessThanOrEqual(4)
  await clock.advance(600_000)
  expect(swarm.node.unannounced.length).toBe(length)
})
