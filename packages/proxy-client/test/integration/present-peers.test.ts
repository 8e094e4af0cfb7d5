/** What a proxy server knows of its own clients is worth more than what an announcement in the DHT says. */
import { createKeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { ProxyClient } from '../../src/index.js'
import { createRig, useTestnet } from '../support/rig.js'

const INVENTED = 19
/** A relay that never answers. */
const DEAD = { host: '127.0.0.1', port: 9 }

const testnet = useTestnet()

test('peers of the rendezvous are marked as present, and those of the DHT are not', async () => {
  const rig = await createRig({ testnet: testnet(), server: { allowPrivateAddresses: true } })
  const topic = freshTopic()
  const [native, near, asking] = [rig.createNative(), rig.createSwarm(), rig.createSwarm()]
  // What the announcement of one finds on its way is reported to those that look up soon afterwards.
  for (const one of [native, near]) await one.join(topic, { client: false }).flushed()
  expect(await found(asking, topic)).toEqual(
    new Map([
      [b4a.toString(near.keyPair.publicKey, 'hex'), true],
      [b4a.toString(native.keyPair.publicKey, 'hex'), false]
    ])
  )
  const watched: (boolean | undefined)[] = []
  asking.dht.watch?.(topic, ({ present }) => watched.push(present))
  await rig.createSwarm().join(topic, { client: false }).flushed()
  await until('the newcomer is reported', () => watched.length > 0)
  expect(watched).toEqual([true])
})

// A client that came to the topic later waited behind all keys that somebody had invented in the DHT.
test('a client of the same server is dialled no later than keys that are only announced', async () => {
  const rig = await createRig({ testnet: testnet(), server: { allowPrivateAddresses: true } })
  const topic = freshTopic()
  const { dht } = rig.createNative()
  const announce = () => dht.announce(topic, createKeyPair(), [DEAD]).finished()
  await Promise.all(Array.from({ length: INVENTED }, announce))
  const joiner = rig.createSwarm({ maxParallel: 1 })
  const errors: string[] = []
  joiner.on('dial-error', ({ code }) => errors.push(code))
  joiner.join(topic, { server: false })
  await until('all keys are known', () => joiner.peers.size === INVENTED)
  const before = errors.length
  rig.createSwarm().join(topic, { client: false })
  await until('the client is reached', () => joiner.connections.size === 1)
  expect(errors.length - before, 'keys that were tried first').toBeLessThanOrEqual(3)
})

/** Keys that a lookup finds, and whether they are present. */
async function found(client: ProxyClient, topic: Uint8Array): Promise<Map<string, boolean>> {
  const keys = new Map<string, boolean>()
  for await (const { peers } of client.dht.lookup(topic))
    for (const { present = false, publicKey } of peers) keys.set(b4a.toString(publicKey, 'hex'), present)
  return keys
}
