/** What a client is told, and what it does, when the server no longer allows it a topic. */
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { TopicDenial } from '../../src/index.js'
import { createRig, useTestnet } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'

const testnet = useTestnet()

/** A server that can deny one topic to clients, depending on their `auth`. */
async function ruledRig(isOffline: boolean) {
  const topic = freshTopic()
  const rule = { isAllowed: true }
  const rig = await createRig({
    testnet: isOffline ? null : testnet(),
    server: {
      authenticate: ({ auth }) => {
        const { isAllowed } = rule
        return { allowTopic: (asked) => auth.byteLength === 0 || isAllowed || !b4a.equals(asked, topic) }
      }
    }
  })
  return { rig, rule, topic }
}

test('a client is told once, stays joined, and is on the topic again when a later link is allowed it', async () => {
  const { rig, rule, topic } = await ruledRig(true)
  const control = new LinkControl()
  const client = rig.createSwarm({ control, auth: 'x' })
  const denials: TopicDenial[] = []
  client.on('topic-denied', (denial) => denials.push(denial))
  await client.join(topic).flushed()
  rule.isAllowed = false
  control.cut()
  await until('it is told', () => denials.length === 1)
  expect(denials).toMatchObject([{ topic, code: 'AUTH_DENIED', error: { remote: true } }])
  expect(rig.server.stats.topics).toBe(0)
  expect(client.status(topic)).not.toBeNull()
  rule.isAllowed = true
  const others = rig.createSwarm()
  let resumed = 0
  client.on('connected', () => resumed++)
  control.cut()
  await until('it is back', () => resumed === 1)
  others.join(topic)
  await until('they meet', () => client.connections.size === 1)
  expect(denials).toHaveLength(1)
})

test('its announcement in the DHT is withdrawn', async () => {
  const { rig, rule, topic } = await ruledRig(false)
  const control = new LinkControl()
  const client = rig.createSwarm({ control, auth: 'x' })
  await client.join(topic).flushed()
  const { dht } = rig.createNative()
  const found = async () => {
    let count = 0
    for await (const { peers } of dht.lookup(topic)) count += peers.length
    return count
  }
  expect(await found()).toBeGreaterThan(0)
  rule.isAllowed = false
  control.cut()
  for (;;) if ((await found()) === 0) break
})
