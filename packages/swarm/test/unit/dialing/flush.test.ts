import { expect, test } from 'vitest'
import { settle } from '../../../../runtime/test/support/fake-clock.js'
import { fc } from '../../../../runtime/test/support/properties.js'
import { Flushes } from '../../../src/dialing/flushes.js'
import { topicFrom } from '../../../src/util/topic.js'
import { action, Stage, unsettled } from '../../support/actions.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'
import { createPeers } from '../../support/peers.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 100)
const topic = topicFrom('flush')

test('after any interleaving, every flush and every connect settles', async () => {
  const actions = fc.array(action, { maxLength: 25, size: 'max' })
  await fc.assert(
    fc.asyncProperty(actions, fc.constantFrom(0, 5), fc.boolean(), async (sequence, latencyMs, isDestroyed) => {
      const stage = new Stage(latencyMs)
      for (const step of sequence) await stage.act(step)
      const destroyed = isDestroyed ? stage.swarm.destroy() : Promise.resolve()
      const last = stage.swarm.flush()
      // Long enough for the deadline of a dial, the harmless retries after it, and the deadline of a handshake.
      await stage.fake.clock.advance(60_000)
      await destroyed
      expect(await unsettled([...stage.flushes, last]), 'flushes pending').toBe(0)
      expect(await unsettled(stage.connects), 'connects pending').toBe(0)
      expect(await unsettled(stage.others), 'other promises pending').toBe(0)
      await stage.fake.destroy()
      expect(stage.fake.clock.liveTimers, 'timers after destroy').toBe(0)
    }),
    { numRuns: RUNS }
  )
})

test('flush resolves to true once every peer found has been tried', async () => {
  const { clock, network, createSwarm } = createFakeNetwork()
  network.latencyMs = 5
  const servers = [createSwarm(), createSwarm(), createSwarm()]
  for (const server of servers) server.join(topic, { client: false })
  await clock.advance(100)
  const swarm = createSwarm({ maxParallel: 1 })
  swarm.join(topic, { server: false })
  let connected = -1
  const flushed = swarm.flush().then((isFlushed) => {
    connected = swarm.connections.size
    return isFlushed
  })
  await clock.advance(1000)
  expect(await flushed).toBe(true)
  expect(connected).toBe(3)
})

test('flush does not wait for the next attempt after a failed dial', async () => {
  const { clock, network, createSwarm } = createFakeNetwork()
  const server = createSwarm()
  server.join(topic, { client: false })
  await clock.advance(10)
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  const swarm = createSwarm()
  swarm.join(topic, { server: false })
  expect(await swarm.flush()).toBe(true)
  expect(swarm.stats.dials).toEqual({ PEER_NOT_FOUND: 1 })
})

test('flush resolves to false if the swarm is suspended or destroyed, before or meanwhile', async () => {
  const { clock, network, createSwarm } = createFakeNetwork()
  const server = createSwarm()
  await server.listen()
  network.dialFate = () => 'hang'
  const swarm = createSwarm()
  swarm.joinPeer(server.keyPair.publicKey)
  const flushes = [swarm.flush()]
  await clock.advance(0)
  await swarm.suspend()
  flushes.push(swarm.flush())
  await swarm.resume()
  flushes.push(swarm.flush())
  await clock.advance(0)
  await swarm.destroy()
  flushes.push(swarm.flush())
  expect(await Promise.all(flushes)).toEqual([false, false, false, false])
})

test('flush of an idle swarm is true at once', async () => {
  expect(await createFakeNetwork().createSwarm().flush()).toBe(true)
})

test('a flush waits only for the peers known when it was called', async () => {
  const flushes = new Flushes()
  const [one, two, three] = createPeers(3)
  if (!one || !two || !three) return expect.unreachable()
  const settled: string[] = []
  const wait = (name: string, peers: Parameters<Flushes['wait']>[0]) =>
    void flushes.wait(peers).then((isFlushed) => settled.push(`${name} ${isFlushed}`))
  wait('none', [])
  wait('first', [one])
  wait('both', [one, two, two])
  wait('ended', [three])
  flushes.settle(one)
  await settle()
  expect(settled).toEqual(['none true', 'first true'])
  flushes.settle(one)
  await settle()
  expect(flushes.size).toBe(2)
  flushes.settle(two)
  flushes.stop()
  await settle()
  expect(settled.slice(2)).toEqual(['both true', 'ended false'])
  expect(flushes.size).toBe(0)
})

// A dial that loses to the peer's own ends before the connection is there. flush once resolved in between, and an
// application that then asked its peers for data found none.
test('flush waits for the connection of a peer whose dial crossed ours', async () => {
  const { clock, network, createSwarm } = createFakeNetwork()
  network.latencyMs = 20
  const [a, b] = [createSwarm(), createSwarm()]
  const listening = Promise.all([a.listen(), b.listen()])
  await clock.advance(1000)
  await listening
  a.joinPeer(b.keyPair.publicKey)
  b.joinPeer(a.keyPair.publicKey)
  const connected: number[] = []
  const flushes = [a, b].map(async (swarm) => {
    expect(await swarm.flush()).toBe(true)
    connected.push(swarm.connections.size)
  })
  await clock.advance(5000)
  await Promise.all(flushes)
  expect([a, b].map(({ stats }) => stats.dials).filter((dials) => dials['DUPLICATE'] === 1)).toHaveLength(1)
  expect(connected).toEqual([1, 1])
})
