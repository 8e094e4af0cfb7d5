import b4a from 'b4a'
import { expect, test } from 'vitest'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('swarm basics')

test('two swarms on a topic find each other, and both know the topic', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const [one, two] = [createSwarm(), createSwarm()]
  one.join(topic)
  two.join(topic)
  await clock.advanceUntil(() => one.connections.size === 1 && two.connections.size === 1)
  for (const swarm of [one, two]) {
    const [info] = swarm.peers.values()
    expect(info?.topics.map((known) => b4a.toString(known, 'hex'))).toEqual([b4a.toString(topic, 'hex')])
  }
})
