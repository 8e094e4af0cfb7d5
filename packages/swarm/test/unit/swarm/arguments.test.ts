import { expect, test } from 'vitest'
import type { SwarmCore } from '../../../src/swarm/swarm-core.js'
import { topicFrom } from '../../../src/util/topic.js'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('arguments')
const key = bytes32(7)

/** Calls with arguments that only JavaScript lets through, by what the error has to name. */
const REFUSED: [string, string, (swarm: SwarmCore) => unknown][] = [
  ['options', 'join without an object', (swarm) => swarm.join(topic, null as never)],
  ['options', 'join with a mode in words', (swarm) => swarm.join(topic, 'server' as never)],
  ['options', 'leave without an object', (swarm) => swarm.leave(topic, null as never)],
  ['close', 'leave', (swarm) => swarm.leave(topic, { close: 'yes' as never })],
  ['options', 'connect without an object', (swarm) => swarm.connect(key, null as never)],
  ['options', 'refresh without an object', (swarm) => swarm.join(topic).refresh(null as never)],
  ['log', 'suspend', (swarm) => swarm.suspend({ log: 'yes' as never })],
  ['log', 'resume', (swarm) => swarm.resume({ log: true as never })]
]

test.each(REFUSED)('%s is named by the error of %s', async (name, _title, call) => {
  const { createSwarm } = createFakeNetwork()
  const swarm = createSwarm()
  const refused = { name: 'TypeError', code: 'INVALID_ARGUMENT', message: expect.stringMatching(`^${name} must be`) }
  await expect((async () => call(swarm))()).rejects.toThrowError(expect.objectContaining(refused))
  expect(swarm.suspended).toBe(false)
  await swarm.destroy()
})

test.each(['maxPeers', 'maxClientConnections', 'maxServerConnections', 'maxParallel', 'relayThrough'] as const)(
  'a bad %s is refused after the swarm was made, too, and changes nothing',
  async (name) => {
    const { createSwarm } = createFakeNetwork()
    const swarm = createSwarm()
    const before = swarm[name]
    for (const wrong of ['3', -1, {}]) {
      const set = () => Object.assign(swarm, { [name]: wrong })
      expect(set).toThrowError(expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT' }))
    }
    expect(swarm[name]).toBe(before)
    await swarm.destroy()
  }
)

test('a ban with options that are not an object is refused', async () => {
  const { createSwarm } = createFakeNetwork()
  const swarm = createSwarm()
  swarm.joinPeer(key)
  const [info] = swarm.explicitPeers
  expect(() => info?.ban(true, null as never)).toThrowError(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  expect(info?.banned).toBe(false)
  await swarm.destroy()
})

test.each(['SIGINT', null, 5])(
  'suspend, resume and destroy are listeners of events, whose arguments are not options: %s',
  async (argument) => {
    const { createSwarm } = createFakeNetwork()
    const swarm = createSwarm()
    await swarm.suspend(argument as never)
    await swarm.resume(argument as never)
    await swarm.destroy(argument as never)
    expect(swarm.destroyed).toBe(true)
  }
)

test('any truthy force hurries destroy, as in hyperswarm', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const swarm = createSwarm()
  const joined = swarm.join(topic).flushed()
  await clock.advance(10)
  await joined
  await swarm.destroy({ force: 1 as never })
  expect(swarm.node.calls.unannounce).toBe(0)
})
