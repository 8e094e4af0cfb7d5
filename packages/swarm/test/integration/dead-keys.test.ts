/**
 * Anyone can announce keys that nobody has, with relays that never answer. Each dial of one took four seconds, eight at a time: a
 * peer among 400 of them was not reached within a minute.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { HyperDHT, hex, like, nextConnection, Testnet } from './support.js'

const DEAD_KEYS = 120

const testnet = Testnet.use()

/** The address of a relay that never answers. */
async function silentRelay(): Promise<{ host: string; port: number }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  await once(socket, 'listening')
  return { host: '127.0.0.1', port: socket.address().port }
}

test('dead keys with dead relays are all tried within a fraction of the time that their relays take', async () => {
  const node = testnet.node()
  const topic = freshTopic()
  // A node names 20 peers in a reply, and six lookups of three nodes do not see many more.
  const topics = [topic, ...Array.from({ length: DEAD_KEYS / 20 }, () => freshTopic())]
  const announce = async (one: Uint8Array) => node.announce(one, HyperDHT.keyPair(), [await silentRelay()]).finished()
  for (const one of topics) await Promise.all(Array.from({ length: 19 }, () => announce(one)))
  const honest = testnet.swarm()
  await honest.join(topic, { client: false }).flushed()
  const swarm = testnet.swarm()
  const met = nextConnection(like(swarm))
  await Promise.all(topics.map((one) => swarm.join(one, { server: false }).flushed()))
  const { connection } = await met
  expect(hex(connection.remotePublicKey)).toBe(hex(honest.keyPair.publicKey))
  await swarm.flush()
  expect(swarm.stats.dials.PEER_NOT_FOUND).toBeGreaterThanOrEqual(DEAD_KEYS)
})
