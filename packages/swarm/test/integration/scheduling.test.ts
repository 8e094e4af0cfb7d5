/** How the queries of many topics share a node. */
import { describe, expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { Query } from '../../src/network/dht-node.js'
import { type Dht, like, nextConnection, Testnet } from './support.js'

const MAX_QUERIES = 4

const testnet = Testnet.use()

async function readyNode(): Promise<Dht> {
  const [node] = await testnet.readyNodes(1)
  if (node === undefined) throw new Error('no node')
  return node
}

describe('300 topics on one swarm', () => {
  test('are all announced, a few at a time', async () => {
    const dht = await readyNode()
    const watch = watchQueries(dht)
    const swarm = testnet.swarm({ dht })
    const sessions = Array.from({ length: 300 }, () => swarm.join(freshTopic()))
    await until('the queue to fill', () => swarm.stats.queries.queued > 200)
    expect(swarm.stats.queries.inFlight).toBeLessThanOrEqual(MAX_QUERIES)
    expect(await Promise.all(sessions.map((session) => session.flushed()))).toEqual(Array(300).fill(true))
    expect(await swarm.flush()).toBe(true)
    expect(watch.most).toBe(MAX_QUERIES)
    expect(watch.announces).toBe(300)
    expect(swarm.stats.queries.failed).toBe(0)

    // Each one can be found.
    const looker = testnet.swarm()
    const last = sessions.at(-1)
    if (last === undefined) throw new Error('no session')
    const met = nextConnection(like(looker))
    looker.join(last.topic, { server: false })
    expect((await met).connection.remotePublicKey).toEqual(swarm.keyPair.publicKey)
  })

  test('leaving cancels queries that wait for their turn', async () => {
    const dht = await readyNode()
    const watch = watchQueries(dht)
    const swarm = testnet.swarm({ dht })
    const topics = Array.from({ length: 300 }, freshTopic)
    for (const topic of topics) swarm.join(topic)
    await until('some announces', () => watch.announces > 10)
    await Promise.all(topics.slice(0, 299).map((topic) => swarm.leave(topic)))
    expect(await swarm.flush()).toBe(true)
    expect(watch.announces).toBeLessThan(100)
    expect(swarm.stats.queries.queued).toBe(0)
    expect([...swarm.topics()].map(({ topic }) => topic)).toEqual([topics[299]])
  })

  test('a fresh join runs before the refreshes of other topics', async () => {
    const dht = await readyNode()
    const watch = watchQueries(dht)
    const swarm = testnet.swarm({ dht })
    await Promise.all(Array.from({ length: 100 }, () => swarm.join(freshTopic(), { client: false }).flushed()))
    // A network change refreshes everything.
    dht.emit('network-change')
    await until('the refreshes to wait', () => swarm.stats.queries.queued > 50)
    const before = watch.total
    await swarm.join(freshTopic()).flushed()
    // Refreshes take half of the places, so only queries in flight or in those places went before the join's own query.
    expect(watch.total - before).toBeLessThan(15)
    expect(swarm.stats.queries.queued).toBeGreaterThan(30)
  })

  test('dials continue while hundreds of announces wait', async () => {
    const other = testnet.swarm()
    await other.listen()
    const swarm = testnet.swarm({ dht: await readyNode() })
    for (let i = 0; i < 300; i++) swarm.join(freshTopic(), { client: false })
    await until('the queue to fill', () => swarm.stats.queries.queued > 200)
    await swarm.connect(other.keyPair.publicKey)
    expect(swarm.stats.queries.queued).toBeGreaterThan(100)
  })

  test('peers of a topic are dialled while hundreds of others wait', async () => {
    const other = testnet.swarm()
    const topic = freshTopic()
    await other.join(topic, { client: false }).flushed()
    const swarm = testnet.swarm({ dht: await readyNode() })
    const met = nextConnection(like(swarm))
    swarm.join(topic)
    for (let i = 0; i < 299; i++) swarm.join(freshTopic())
    await met
    expect(swarm.stats.queries.queued).toBeGreaterThan(100)
  })
})

test('two swarms on one node share its places', async () => {
  const dht = await readyNode()
  const watch = watchQueries(dht)
  const swarms = [testnet.swarm({ dht, maxQueries: 4 }), testnet.swarm({ dht, maxQueries: 100 })]
  for (const swarm of swarms) for (let i = 0; i < 50; i++) swarm.join(freshTopic())
  await Promise.all(swarms.map((swarm) => swarm.flush()))
  expect(watch.announces).toBe(100)
  // The first swarm on a node decides.
  expect(watch.most).toBe(4)
})

test('a swarm that is destroyed leaves the places of a shared node to the other one', async () => {
  const dht = await readyNode()
  const [first, second] = [testnet.swarm({ dht }), testnet.swarm({ dht })]
  for (let i = 0; i < 100; i++) first.join(freshTopic())
  const flushed = second.join(freshTopic()).flushed()
  await first.destroy()
  expect(await flushed).toBe(true)
})

/** Counts the queries made on `dht`, in total and concurrently. */
function watchQueries(dht: Dht) {
  const watch = { inFlight: 0, most: 0, announces: 0, total: 0 }
  const { announce, lookup } = dht
  const count = (query: Query) => {
    watch.total++
    watch.inFlight++
    watch.most = Math.max(watch.most, watch.inFlight)
    const done = () => watch.inFlight--
    query.finished().then(done, done)
    return query
  }
  // An announce is a lookup that stores at its end; it begins by calling the node's own method.
  let isInner = false
  dht.lookup = (...args) => (isInner ? lookup.apply(dht, args) : count(lookup.apply(dht, args)))
  dht.announce = (...args) => {
    watch.announces++
    isInner = true
    const query = announce.apply(dht, args)
    isInner = false
    return count(query)
  }
  return watch
}
