import { expect, test } from 'vitest'
import { DiscoveryQuery, type QueryPlan } from '../../../src/discovery/discovery-query.js'
import { QueryScheduler } from '../../../src/discovery/scheduler.js'
import { TopicQueries } from '../../../src/discovery/topic-queries.js'
import { Withdrawals } from '../../../src/discovery/withdrawals.js'
import { topicFrom } from '../../../src/util/topic.js'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('discovery query')

/** Queries of one topic with room for one at a time, and a record of what they report. */
function setUp() {
  const { clock, network, createSwarm } = createFakeNetwork()
  const swarm = createSwarm()
  const reports: unknown[] = []
  const base = { swarm, scheduler: new QueryScheduler(1), withdrawals: new Withdrawals(), clock, random: () => 0.5 }
  const context = { ...base, stats: swarm.stats.queries, onPeer: () => {}, onCycle: () => {} }
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
  return { clock, network, swarm, reports, create }
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

// A swarm that joined while half of the DHT had just been replaced looked for others only when its server was announced,
// after six seconds.
test('while the server is not announced yet, others are looked for; the announcement ends that', async () => {
  const { clock, network, swarm, reports, create } = setUp()
  network.store(topic, { publicKey: bytes32(9), relayAddresses: [] })
  let listened = () => {}
  const listening = new Promise<void>((resolve) => {
    listened = resolve
  })
  swarm.listen = () => listening
  const done = create({ isServer: true }).start()
  await clock.advance(1499)
  expect(swarm.node.queries).toHaveLength(0)
  await clock.advance(100)
  expect([reports, swarm.node.queries.length]).toEqual([[[9, true]], 1])
  listened()
  await clock.advance(100)
  expect(await done).toBe(true)
  expect([reports, swarm.node.queries.length]).toEqual([[[9, true], [9, true], true], 2])
  expect(clock.liveTimers).toBe(0)
})

test('an announcement that is cancelled before its server is announced leaves no timer and no query', async () => {
  const { clock, network, swarm, reports, create } = setUp()
  network.latencyMs = 50
  network.store(topic, { publicKey: bytes32(9), relayAddresses: [] })
  swarm.listen = () => new Promise(() => {})
  const queries = [create({ isServer: true }), create({ isServer: true })]
  for (const query of queries) void query.start()
  queries[0]?.cancel()
  await clock.advance(1510)
  queries[1]?.cancel()
  await clock.advance(1000)
  expect([reports, swarm.stats.queries.inFlight, clock.liveTimers]).toEqual([[], 0, 0])
})

test('one that only announces looks for nobody', async () => {
  const { clock, swarm, create } = setUp()
  swarm.listen = () => new Promise(() => {})
  void create({ isClient: false, isServer: true }).start()
  await clock.advance(5000)
  expect([swarm.node.queries.length, clock.liveTimers]).toEqual([0, 0])
})
