/** A peer's announcement may name nodes that answer with arbitrary bytes. That must end one path, not the dial. */
import { createKeyPair } from '@swarmway/swarm/core'
import { expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { makeEvil, WRONG_ANSWERS } from '../../../swarm/test/support/evil-relay.js'
import { createNode, createRig, useTestnet } from '../support/rig.js'

const testnet = useTestnet()

test.each(WRONG_ANSWERS)('a peer is reached even if the first node it names answers with %s', async (_, answer) => {
  const rig = await createRig({ testnet: testnet(), server: { allowPrivateAddresses: true } })
  const relay = createNode(testnet().bootstrap) as unknown as Parameters<typeof makeEvil>[0] & {
    fullyBootstrapped(): Promise<void>
    destroy(): Promise<void>
  }
  await relay.fullyBootstrapped()
  const evil = makeEvil(relay, answer)
  const topic = freshTopic()
  const keyPair = createKeyPair()
  const native = rig.createNative({ keyPair })
  await native.listen()
  await native.dht.announce(topic, keyPair, [evil.address, ...native.server.relayAddresses.slice(0, 2)], {}).finished()
  const client = rig.createSwarm()
  const errors: string[] = []
  client.on('dial-error', ({ code }) => errors.push(code))
  client.join(topic, { server: false })
  await until('the peer is reached', () => client.connections.size === 1)
  expect(evil.asked).toBeGreaterThan(0)
  expect(errors).toEqual([])
  await relay.destroy()
})
