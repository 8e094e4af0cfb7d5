import b4a from 'b4a'
import { expect, test } from 'vitest'
import { assertTopic, topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

const BAD_TOPICS: unknown[] = [undefined, null, 'a string', 7, {}, new Uint8Array(31), new Uint8Array(33), []]

test('topicFrom is BLAKE2b-256 of the UTF-8 bytes', () => {
  // From `printf abc | b2sum -l 256`.
  const vector = 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'
  expect(b4a.toString(topicFrom('abc'), 'hex')).toBe(vector)
})

test('topicFrom distinguishes names and is always the same for one name', () => {
  expect(topicFrom('one')).toEqual(topicFrom('one'))
  expect(topicFrom('one')).not.toEqual(topicFrom('two'))
})

test.each([undefined, null, '', 7, new Uint8Array(32)])('topicFrom refuses %s', (name) => {
  expect(() => topicFrom(name as string)).toThrowError(
    expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT', message: expect.stringContaining('name') })
  )
})

test.each(BAD_TOPICS)('a topic that is not 32 bytes is a TypeError that names it: %s', (topic) => {
  expect(() => assertTopic(topic)).toThrowError(
    expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT', message: expect.stringContaining('topic') })
  )
})

// hyperswarm 4.17 accepts a topic of the wrong length and then silently finds nobody.
test.each(BAD_TOPICS)('join, leave and status refuse the topic %s and do nothing', async (bad) => {
  const { createSwarm } = createFakeNetwork()
  const swarm = createSwarm()
  const refusal = expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT' })
  expect(() => swarm.join(bad as Uint8Array)).toThrowError(refusal)
  expect(() => swarm.status(bad as Uint8Array)).toThrowError(refusal)
  await expect(swarm.leave(bad as Uint8Array)).rejects.toThrowError(refusal)
  expect([...swarm.topics()]).toEqual([])
  expect(swarm.node.queries).toEqual([])
})

test("a joined topic is a copy: later changes to the caller's bytes have no effect", () => {
  const { createSwarm } = createFakeNetwork()
  const swarm = createSwarm()
  const pool = new Uint8Array(64)
  const topic = pool.subarray(0, 32)
  swarm.join(topic)
  const joined = swarm.status(new Uint8Array(32))
  pool.fill(9)
  expect(joined && b4a.equals(joined.topic, new Uint8Array(32))).toBe(true)
})
