import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { topicFrom } from '../../../src/util/topic.js'
import { action, Stage } from '../../support/actions.js'
import { createFakeNetwork, type FakeSwarm } from '../../support/fake-swarm.js'

const topic = topicFrom('destroy')
const EVENTS = ['connection', 'update', 'ban', 'dial-error'] as const

async function setUp() {
  const fake = createFakeNetwork()
  const node = fake.network.createNode()
  const swarm = fake.createSwarm({ node })
  const other = fake.createSwarm()
  swarm.join(topic)
  other.join(topic)
  await fake.clock.advanceUntil(() => swarm.connections.size === 1 && other.connections.size === 1)
  return { ...fake, node, swarm, other }
}

test('destroy always returns the same promise', async () => {
  const { swarm } = await setUp()
  const destroyed = swarm.destroy()
  expect(swarm.destroy({ force: true })).toBe(destroyed)
  expect(swarm.destroyed).toBe(true)
  await destroyed
  expect(swarm.destroy()).toBe(destroyed)
})

test('destroy closes connections and the server, withdraws the announcement and leaves all topics', async () => {
  const { network, other, swarm } = await setUp()
  await swarm.destroy()
  expect([swarm.connections.size, [...swarm.topics()].length, swarm.server.closed]).toEqual([0, 0, true])
  expect(network.announced(topic).map(({ publicKey }) => publicKey)).toEqual([other.keyPair.publicKey])
})

test('a forced destroy withdraws nothing', async () => {
  const { node, swarm } = await setUp()
  await swarm.destroy({ force: true })
  expect(node.unannounced).toEqual([])
})

// hyperswarm 4.17 destroys a borrowed node, and leaves its listeners on it.
test('a borrowed node is not destroyed, and no listener is left on it', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  const node = network.createNode()
  const swarms = Array.from({ length: 20 }, () => createSwarm({ node }))
  expect(node.listenerCount).toBeGreaterThan(0)
  for (const swarm of swarms) swarm.join(topic)
  await clock.advance(100)
  await Promise.all(swarms.map((swarm) => swarm.destroy()))
  expect([node.listenerCount, node.calls.destroy, clock.liveTimers]).toEqual([0, 0, 0])
})

test("the swarm's own node is destroyed with it", async () => {
  const { createSwarm } = createFakeNetwork()
  const swarm = createSwarm({ ownsNode: true })
  await swarm.destroy()
  expect(swarm.node.calls.destroy).toBe(1)
})

// With `ownsDht` two swarms can own the same node: the first one to go must not take it from the other.
test('an owned node that swarms share is destroyed with the last of them', async () => {
  const { createSwarm, network } = createFakeNetwork()
  const node = network.createNode()
  const [a, b, c] = [1, 2, 3].map(() => createSwarm({ node, ownsNode: true }))
  await a?.destroy()
  expect(node.calls.destroy).toBe(0)
  await Promise.all([b?.destroy(), c?.destroy()])
  expect([node.calls.destroy, node.listenerCount]).toEqual([1, 0])
})

test('after destroy nothing is emitted and no timer or query is left, whatever happened before', async () => {
  const sequences = fc.array(action, { maxLength: 25, size: 'max' })
  await fc.assert(
    fc.asyncProperty(sequences, fc.constantFrom(0, 5), fc.nat(5), async (sequence, latencyMs, at) => {
      const stage = new Stage(latencyMs)
      const { swarm } = stage
      for (const step of sequence) await stage.act(step)
      const destroyed = swarm.destroy()
      const heard: string[] = []
      for (const event of EVENTS) swarm.on(event, () => heard.push(event))
      await stage.fake.clock.advance(at)
      await stage.fake.clock.advance(1000)
      await destroyed
      expect(heard).toEqual([])
      expect([swarm.node.listenerCount, swarm.node.queriesInFlight, swarm.connections.size]).toEqual([0, 0, 0])
      await Promise.all([stage.fake.clock.advance(1000), ...stage.peers.map((peer) => peer.destroy())])
      await stage.fake.destroy()
      expect(stage.fake.clock.liveTimers).toBe(0)
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60) }
  )
})

test('use after destroy fails with DESTROYED, and safe calls stay safe', async () => {
  const { other, swarm } = await setUp()
  const session = swarm.join(topic)
  await swarm.destroy()
  const key = other.keyPair.publicKey
  const refusal = expect.objectContaining({ name: 'SwarmError', code: 'DESTROYED' })
  const calls: Array<() => unknown> = [
    () => swarm.join(topic),
    () => swarm.listen(),
    () => swarm.connect(key),
    () => session.refresh()
  ]
  for (const call of calls) await expect((async () => call())()).rejects.toThrowError(refusal)
  expect(await swarm.flush()).toBe(false)
  expect(swarm.status(topic)).toBeNull()
  await Promise.all([swarm.leave(topic), swarm.clear(), swarm.disconnect(key), session.destroy()])
  await Promise.all([swarm.suspend(), swarm.resume()])
  swarm.joinPeer(key)
  swarm.leavePeer(key)
  expect([swarm.suspended, swarm.explicitPeers.size, swarm.peers.size]).toEqual([false, 0, 0])
})

test('a swarm is destroyed at the end of its block with await using', async () => {
  const { createSwarm } = createFakeNetwork()
  let seen: FakeSwarm | null = null
  {
    await using swarm = createSwarm()
    seen = swarm
    expect(swarm.destroyed).toBe(false)
  }
  expect(seen.destroyed).toBe(true)
})
