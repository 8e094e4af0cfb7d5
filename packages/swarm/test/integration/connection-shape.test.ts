/** How the engine keeps connections on real nodes. */
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { Swarm } from '@swarmway/swarm'
import { expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { Testnet } from './support.js'

const testnet = Testnet.use()

setFlagsFromString('--allow-natives-syntax')
const hasFastProperties: (object: object) => boolean = runInThisContext('(object) => %HasFastProperties(object)')

function join(topic: Uint8Array): Swarm {
  const swarm = new Swarm({ host: '127.0.0.1', bootstrap: testnet.bootstrap })
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
