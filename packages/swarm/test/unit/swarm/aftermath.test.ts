/** Connections that did not outlive an outage, seen by a swarm whose node reports them only when it is back. */
import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('aftermath')

/** A swarm that has accepted the connection of another one. */
async function setUp() {
  const { clock, createSwarm } = createFakeNetwork()
  const [accepting, dialling] = [createSwarm(), createSwarm()]
  accepting.join(topic, { client: false })
  await clock.advance(100)
  dialling.join(topic)
  await clock.advanceUntil(() => accepting.connections.size === 1)
  const setOnline = (isOnline: boolean) => {
    accepting.node.online = isOnline
    accepting.node.emit('network-update')
  }
  const lose = async (code?: string) => {
    const [connection] = accepting.connections
    connection?.destroy(code === undefined ? null : Object.assign(new Error(code), { code }))
    await clock.advance(20)
    return accepting.stats.connects.client.attempted
  }
  return { accepting, clock, lose, setOnline }
}

// The one that had dialled had tried for the whole outage, and waited for up to 15 seconds when it was over.
test('one that the other side had dialled is dialled at once by this side as well', async () => {
  const { accepting, clock, lose, setOnline } = await setUp()
  setOnline(false)
  await clock.advance(30_000)
  setOnline(true)
  expect(await lose('STREAM_RESET')).toBe(1)
  await clock.advanceUntil(() => accepting.connections.size === 1)
})

test('not if it ended without an error, or long after, or was made since', async () => {
  const [clean, late, fresh] = [await setUp(), await setUp(), await setUp()]
  for (const { clock, setOnline } of [clean, late, fresh]) {
    setOnline(false)
    await clock.advance(30_000)
    setOnline(true)
  }
  await late.clock.advance(11_000)
  expect(await fresh.lose('STREAM_RESET')).toBe(1)
  await fresh.clock.advanceUntil(() => fresh.accepting.connections.size === 1)
  expect([await clean.lose(), await late.lose('STREAM_RESET'), await fresh.lose('STREAM_RESET')]).toEqual([0, 0, 1])
})
