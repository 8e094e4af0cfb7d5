import { expect, test } from 'vitest'
import { deferred } from '../../../../runtime/test/support/deferred.js'
import { DiscoveryQuery, type QueryPlan } from '../../../src/discovery/discovery-query.js'
import { QueryScheduler } from '../../../src/discovery/scheduler.js'
import { TopicQueries } from '../../../src/discovery/topic-queries.js'
import { Withdrawals } from '../../../src/discovery/withdrawals.js'
import { topicFrom } from '../../../src/util/topic.js'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('discovery query')

/** Queries of one topic, for a server that listens when the test says so, and a record of what they report. */
function setUp({ places = 1 } = {}) {
  const { clock, network, createSwarm } = createFakeNetwork()
  const swarm = createSwarm()
  const listening = deferred()
  const { dht, keyPair, server } = swarm
  const early = { dht, keyPair, server, listen: () => listening.promise, leave: () => Promise.resolve() }
  const reports: unknown[] = []
  const scheduler = new QueryScheduler(places)
  const base = { swarm: early, scheduler, withdrawals: new Withdrawals(), clock, random: () => 0.5 }
  const announceEarly = () => ({ signAnnounce: () => listening.promise })
  const hasConnection = (): boolean => false
  const none = (): void => {}
  const context = { ...base, announceEarly, hasConnection, stats: swarm.stats.queries, onPeer: none, onCycle: none }
  const queries = new TopicQueries(context, topic)
  const listener = {
    onPeer: ({ publicKey }: { publicKey: Uint8Array }, isNews: boolean) => reports.push([publicKey[0], isNews]),
    onEnd: (_: DiscoveryQuery, isDone: boolean) => reports.push(isDone)
  }
  const create = (plan: Partial<QueryPlan> = {}) =>
    new DiscoveryQuery(
      context,
      queries,
      { topic, kind: 'join', isClient: true, isServer: false, wait: null, ...plan },
      listener
    )
  return { clock, context, network, swarm, reports, create, listening }
}

test('a query reports the peers it finds and then its end, and a re-lookup says that they are not news', async () => {
  const { clock, network, reports, create } = setUp()
  network.store(topic, { publicKey: bytes32(9), relayAddresses: [] })
  for (const kind of ['join', 'relookup'] as const) {
    const done = create({ kind }).start()
    await clock.advance(100)
    expect(await done).toBe(true)
  }
  expect(reports).toEqual([[9, true], true, [9, false], true])
})

// Each node names 20 peers at random: among 400 keys, one join in ten never heard of the only peer that was there.
test.each([
  ['asks all nearest nodes if they know more peers than they have named', 20, false, 12],
  ['asks five of them if they have named all', 19, false, 5],
  ['asks five of them if there is a connection already', 20, true, 5]
])('a re-lookup %s', async (_, peerCount, isConnected, asked) => {
  const { clock, context, create, network, swarm } = setUp()
  context.hasConnection = () => isConnected
  for (let i = 1; i <= peerCount; i++) network.store(topic, { publicKey: bytes32(100 + i), relayAddresses: [] })
  const closest = Array.from({ length: 12 }, (_, i) => ({ id: null, host: '192.0.2.1', port: i + 1 }))
  network.nodesNear = () => closest
  for (const kind of ['join', 'relookup'] as const) {
    const done = create({ kind }).start()
    await clock.advance(100)
    await done
  }
  const { queries } = swarm.node
  expect(queries.at(-1)?.options.closestNodes).toEqual(closest.slice(0, asked))
})

test('a query waits for unfinished work on its topic', async () => {
  const { clock, swarm, create } = setUp()
  let finish = () => {}
  const wait = new Promise<void>((resolve) => {
    finish = resolve
  })
  const done = create({ wait }).start()
  await clock.advance(100)
  expect(swarm.node.queries).toHaveLength(0)
  finish()
  await clock.advance(100)
  expect(await done).toBe(true)
})

test('a query that is cancelled before its turn or during it reports nothing more, and the next one runs', async () => {
  const { clock, network, swarm, reports, create } = setUp()
  network.latencyMs = 50
  const [running, waiting, next] = [create(), create(), create()]
  const ends = [running, waiting, next].map((query) => query.start())
  await clock.advance(0)
  expect(swarm.stats.queries).toMatchObject({ inFlight: 1, queued: 2 })
  waiting.cancel()
  running.cancel()
  await clock.advance(100)
  expect(await Promise.all(ends)).toEqual([false, false, true])
  expect(reports).toEqual([true])
  expect(swarm.stats.queries).toMatchObject({ failed: 0, inFlight: 0, queued: 0, total: 2 })
})

test('a query that fails counts as failed and says so', async () => {
  const { clock, network, swarm, reports, create } = setUp()
  network.latencyMs = 50
  const done = create().start()
  await clock.advance(0)
  swarm.node.queries[0]?.fail(new Error('no network'))
  await clock.advance(100)
  expect(await done).toBe(false)
  expect(reports).toEqual([false])
  expect(swarm.stats.queries.failed).toBe(1)
})

test('announces that wait for the server leave places to the lookups of other swarms on the node', async () => {
  // They began early and held all places until the key was announced, which takes seconds on a slow DHT.
  const { clock, network, swarm, create, listening } = setUp({ places: 4 })
  network.latencyMs = 50
  const announces = Array.from({ length: 8 }, () => create({ isServer: true }))
  const ends = announces.map((announce) => announce.start())
  await clock.advance(0)
  expect(swarm.node.queries).toHaveLength(2)
  const lookup = create().start()
  await clock.advance(0)
  expect(swarm.stats.queries.inFlight).toBe(3)
  await clock.advance(1000)
  expect(await lookup).toBe(true)

  listening.resolve()
  await clock.advance(0)
  expect(swarm.stats.queries.inFlight).toBe(4)
  await clock.advance(1000)
  expect(await Promise.all(ends)).toEqual(Array(8).fill(true))
})

test('an early announce that is cancelled leaves its place to the next one', async () => {
  const { clock, network, swarm, create } = setUp({ places: 2 })
  network.latencyMs = 50
  const first = create({ isServer: true })
  const end = first.start()
  await clock.advance(0)
  first.cancel()
  await clock.advance(0)
  expect(await end).toBe(false)
  const next = create({ isServer: true })
  void next.start()
  await clock.advance(0)
  expect(swarm.node.queries).toHaveLength(2)
  next.cancel()
})
