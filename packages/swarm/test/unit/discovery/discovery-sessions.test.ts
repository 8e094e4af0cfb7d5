import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { discoverySetUp as setUp } from '../../support/discovery-queries.js'
import { bytes32 } from '../../support/fake-swarm.js'

const topic = topicFrom('discovery')
// The 'events' package of the browser build hides Node's own declaration.
const { getEventListeners } = createRequire(import.meta.url)('node:events') as {
  getEventListeners(target: AbortSignal, event: string): unknown[]
}

test('sessions of one topic share its discovery, and the last to end leaves the topic', async () => {
  const { clock, network, swarm } = setUp()
  const [one, two] = [swarm.join(topic), swarm.join(topic, { server: false })]
  expect(one.discovery).toBe(two.discovery)
  expect([one.topic, one.swarm]).toEqual([two.topic, swarm])
  await clock.advance(10)
  await two.destroy()
  expect(swarm.status(topic)).not.toBeNull()
  expect(network.announced(topic)).toHaveLength(1)
  await one.destroy()
  expect(swarm.status(topic)).toBeNull()
  expect(network.announced(topic)).toHaveLength(0)
})

test('the announcement ends with the last announcing session, while others keep looking', async () => {
  const { clock, network, swarm, kinds } = setUp()
  swarm.join(topic, { server: false })
  const server = swarm.join(topic, { client: false })
  await clock.advance(10)
  expect(network.announced(topic)).toHaveLength(1)
  await server.destroy()
  expect(network.announced(topic)).toHaveLength(0)
  expect(kinds().at(-1)).toBe('lookupAndUnannounce')
  expect(swarm.status(topic)).toMatchObject({ isClient: true, isServer: false })
})

test("refresh changes a session's mode and limit, and looks up at once", async () => {
  const { clock, swarm, kinds } = setUp()
  const session = swarm.join(topic, { server: false })
  await clock.advance(10)
  expect(await session.refresh({ server: true, limit: 3 })).toBe(true)
  expect(kinds().at(-1)).toBe('announce')
  expect([session.isServer, session.isClient, session.limit]).toEqual([true, true, 3])
  expect(await session.refresh()).toBe(true)
  expect([session.isServer, session.isClient, session.limit]).toEqual([true, true, 3])
})

test("a topic's limit is the largest of its sessions'", async () => {
  const { swarm } = setUp()
  const small = swarm.join(topic, { limit: 2 })
  expect(swarm.status(topic)?.limit).toBe(2)
  const large = swarm.join(topic, { limit: 5 })
  expect(swarm.status(topic)?.limit).toBe(5)
  await large.destroy()
  expect(swarm.status(topic)?.limit).toBe(2)
  swarm.join(topic)
  expect(swarm.status(topic)?.limit).toBe(Number.POSITIVE_INFINITY)
  expect(small.destroyed).toBe(false)
})

test.each([
  ['client', { client: 1 }],
  ['server', { server: 'yes' }],
  ['limit', { limit: -1 }],
  ['limit', { limit: 1.5 }],
  ['client and server', { client: false, server: false }],
  ['signal', { signal: {} }]
])('join refuses a bad %s and does nothing', async (name, options) => {
  const { swarm } = setUp()
  const refusal = expect.objectContaining({
    name: 'TypeError',
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(name)
  })
  expect(() => swarm.join(topic, options as object)).toThrowError(refusal)
  expect(swarm.status(topic)).toBeNull()
  const session = swarm.join(topic)
  if (name === 'signal') return
  await expect(session.refresh(options as object)).rejects.toThrowError(refusal)
  expect([session.isClient, session.isServer, session.limit]).toEqual([true, true, Number.POSITIVE_INFINITY])
})

test('an AbortSignal ends only its own session', async () => {
  const { clock, swarm } = setUp()
  const abort = new AbortController()
  const aborted = swarm.join(topic, { signal: abort.signal })
  const other = swarm.join(topic)
  abort.abort()
  await clock.advance(10)
  expect([aborted.destroyed, other.destroyed]).toEqual([true, false])
  expect(swarm.status(topic)).not.toBeNull()
})

test('join with an aborted signal throws and joins nothing', () => {
  const { swarm } = setUp()
  expect(() => swarm.join(topic, { signal: AbortSignal.abort() })).toThrowError(
    expect.objectContaining({ code: 'ABORTED' })
  )
  expect(swarm.status(topic)).toBeNull()
})

// With a listener per call, Node would warn of a leak from the eleventh call on.
test('any number of sessions on one signal put one listener on it, and end with it', async () => {
  const { clock, swarm } = setUp()
  const abort = new AbortController()
  const sessions = Array.from({ length: 50 }, (_, i) => swarm.join(bytes32(i), { signal: abort.signal }))
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1)
  await sessions[0]?.destroy()
  await swarm.leave(bytes32(1))
  abort.abort()
  await clock.advance(10)
  expect(sessions.every(({ destroyed }) => destroyed)).toBe(true)
  expect([...swarm.topics()]).toEqual([])
})

test('a session that has already ended is not affected by its signal', async () => {
  const { clock, swarm } = setUp()
  const abort = new AbortController()
  await swarm.join(topic, { signal: abort.signal }).destroy()
  swarm.join(topic)
  abort.abort()
  await clock.advance(10)
  expect(swarm.status(topic)).not.toBeNull()
})

test('await using ends a session at the end of its block', async () => {
  const { swarm } = setUp()
  {
    await using session = swarm.join(topic)
    expect(session.destroyed).toBe(false)
  }
  expect(swarm.status(topic)).toBeNull()
})

test('a destroyed session or topic refuses further use with DESTROYED', async () => {
  const { swarm } = setUp()
  const session = swarm.join(topic)
  const discovery = swarm.status(topic)
  await session.destroy()
  await session.destroy()
  await expect(session.refresh()).rejects.toMatchObject({ code: 'DESTROYED' })
  await expect(discovery?.refresh()).rejects.toMatchObject({ code: 'DESTROYED' })
  expect([discovery?.destroyed, await session.flushed()]).toEqual([true, false])
})
