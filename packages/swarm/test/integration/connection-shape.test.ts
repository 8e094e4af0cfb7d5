/** How the engine keeps connections on real nodes. */
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { Swarm, type SwarmOptions } from '@swarmway/swarm'
import { expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { FakeRtcNet } from '../support/fake-rtc.js'
import { Testnet } from './support.js'

const testnet = Testnet.use()

setFlagsFromString('--allow-natives-syntax')
const hasFastProperties: (object: object) => boolean = runInThisContext('(object) => %HasFastProperties(object)')

function join(topic: Uint8Array, options: SwarmOptions = {}): Swarm {
  const swarm = new Swarm({ host: '127.0.0.1', bootstrap: testnet.bootstrap, ...options })
  onTestFinished(() => swarm.destroy())
  swarm.join(topic)
  return swarm
}

// An accessor for `path` turned each connection into a dictionary: 3 kB more, and slower at every use.
test('connections have fast properties, and share the functions that a swarm adds', async () => {
  const topic = freshTopic()
  const swarms = [join(topic), join(topic), join(topic)]
  await until('all are connected', () => swarms.every(({ connections }) => connections.size === 2))
  const connections = swarms.flatMap((swarm) => [...swarm.connections])
  expect(connections.map(hasFastProperties)).not.toContain(false)
  for (const name of ['write', 'end', 'isPaused', 'emit'] as const)
    expect(new Set(connections.map((connection) => connection[name])).size, name).toBe(1)
})

// With `direct` they did not, so a peer that was gone was noticed only by UDX, after 13 s.
test('connections that can have direct paths count packets, by which the silence of a peer is noticed', async () => {
  const topic = freshTopic()
  const net = new FakeRtcNet()
  net.isReachable = false
  const swarms = [join(topic, { direct: { rtc: net.rtc } }), join(topic, { direct: { rtc: net.rtc } })]
  await until('both are connected', () => swarms.every(({ connections }) => connections.size === 1))
  for (const { connections } of swarms) {
    const [connection] = connections
    await until('packets are counted', () => (connection?.rawStream?.packetsReceived ?? 0) > 0)
    expect(connection?.rawStream).toMatchObject({ inflight: expect.any(Number), rtt: expect.any(Number) })
  }
})
