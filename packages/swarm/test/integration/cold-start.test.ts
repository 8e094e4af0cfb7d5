/** Peers that join a topic at the same moment. */
import { describe, expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { reaches, until } from '../../../runtime/test/support/until.js'
import { countConnections, isFullMesh, like, Testnet } from './support.js'

/** Number of re-lookups that a join schedules; see src/discovery/cadence.ts. */
const MOST_RELOOKUPS = 5

const testnet = Testnet.use()

async function peers(count: number) {
  const swarms = (await testnet.readyNodes(count)).map((dht) => testnet.swarm({ dht }))
  return { swarms, events: swarms.map((swarm) => countConnections(like(swarm))) }
}

test.each([8, 16])('%i peers that join at once in both modes soon form a full mesh', async (count) => {
  const topic = freshTopic()
  const { swarms, events } = await peers(count)
  for (const swarm of swarms) swarm.join(topic)
  expect(await reaches(() => isFullMesh(swarms.map(like)), 120_000)).toBe(true)

  await until('the first re-lookups', () => swarms.every(({ stats }) => stats.queries.relookups > 0))
  // One event per pair and side: crossed dials were sorted out before any application saw them.
  for (const counts of events) expect([...counts.values()]).toEqual(Array(count - 1).fill(1))
  for (const { stats } of swarms) {
    expect(stats.connects.client.opened + stats.connects.server.opened).toBe(count - 1)
    expect(stats.queries.relookups).toBeLessThanOrEqual(MOST_RELOOKUPS)
    expect(stats.queries.total - stats.queries.relookups).toBe(1)
  }
})

describe('peers that only look up and peers that only announce, all joining at once', () => {
  test('find each other, and no other peers', async () => {
    const topic = freshTopic()
    const { swarms, events } = await peers(8)
    const [clients, servers] = [swarms.slice(0, 4), swarms.slice(4)]
    for (const client of clients) client.join(topic, { server: false })
    for (const server of servers) server.join(topic, { client: false })
    await until('each to have four connections', () => swarms.every(({ connections }) => connections.size === 4))

    for (const counts of events) expect([...counts.values()]).toEqual([1, 1, 1, 1])
    // A peer that only announces looks for nobody, so it needs no second look.
    expect(servers.map(({ stats }) => stats.queries.relookups)).toEqual([0, 0, 0, 0])
    for (const { stats } of clients) expect(stats.queries.relookups).toBeLessThanOrEqual(MOST_RELOOKUPS)
  })

  test('a peer that switches to both modes is found by others that switch at the same moment', async () => {
    const topic = freshTopic()
    const { swarms } = await peers(4)
    const sessions = swarms.map((swarm) => swarm.join(topic, { client: false }))
    await Promise.all(sessions.map((session) => session.flushed()))
    for (const session of sessions) void session.refresh({ client: true })
    await until('the full mesh', () => isFullMesh(swarms.map(like)))
  })
})
