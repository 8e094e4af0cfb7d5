import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock, settle } from '../../../../../runtime/test/support/fake-clock.js'
import { Outbox } from '../../../../src/fleet/presence/outbox.js'
import { type OwnTopic, OwnTopics } from '../../../../src/fleet/presence/own-topics.js'

const MAX_OWED = 16_384
/** Few, because each turn looks at all who wait: thousands made the test take a minute on a busy machine. */
const STRANGERS = Array.from({ length: 16 }, () => ({ network: '192.0.2.1' }))

/** A topic whose last key was withdrawn after it was told. */
function goneTopic(topics: OwnTopics): OwnTopic {
  const topic = topics.obtain(randomBytes(32))
  topic.told.set('key', randomBytes(32))
  return topic
}

// Each client that comes, is told and goes leaves something to tell behind: an endless row of them, which come before
// those that have had their turns, must not fill the memory.
test.each([
  [MAX_OWED - 1, true],
  [MAX_OWED, false]
])('with %i withdrawals that wait, a join goes out first: %s', async (count, isFirst) => {
  const topics = new OwnTopics()
  const sent: OwnTopic[] = []
  const send = (topic: OwnTopic) => sent.push(topic) > 0
  const outbox = new Outbox({ isConnected: true, send }, new FakeClock())
  onTestFinished(() => outbox.destroy())
  const joined = topics.obtain(randomBytes(32))
  const owner = { network: '203.0.113.5' }
  joined.keys.set('key', { publicKey: randomBytes(32), owner })
  outbox.add(joined, owner)
  for (let i = 0; i < count; i++) outbox.add(goneTopic(topics), STRANGERS[i % STRANGERS.length] ?? owner)
  await settle()
  expect(sent[0] === joined).toBe(isFirst)
  expect(sent).toContain(joined)
})
