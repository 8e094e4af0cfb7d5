/**
 * HyperDHT believes the address in the message of a handshake. With a host invented for each of them, one stranger had the share
 * of any number of hosts, and a swarm with `maxPeers` was shut for everybody else as long as that lasted.
 */
import { expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { COMMAND, encodedPayload, firstMessage, handshakeMessage, MODE, type RawNode } from '../support/hostile-peer.js'
import { HyperDHT, like, nextConnection, Testnet } from './support.js'

const testnet = Testnet.use()

test('a stranger who invents hosts has the share of one host', async () => {
  const topic = freshTopic()
  const limited = testnet.swarm({ maxPeers: 4 })
  await limited.join(topic, { client: false }).flushed()
  const { publicKey } = limited.keyPair
  const stranger = testnet.node({ host: '127.0.0.2', ephemeral: true }) as unknown as RawNode
  const { port } = (limited.dht as unknown as RawNode).address()
  const target = HyperDHT.hash(publicKey)
  for (let i = 0; i < 4; i++) {
    const noise = firstMessage(
      HyperDHT.keyPair(),
      publicKey,
      encodedPayload({ udx: { reusableSocket: false, id: i, seq: 0 } })
    )
    const value = handshakeMessage(MODE.fromClient, noise, { host: `5.5.5.${i}`, port: 1 })
    await stranger.request({ command: COMMAND.handshake, target, value }, { host: '127.0.0.1', port })
  }
  const honest = testnet.swarm()
  const met = nextConnection(like(honest))
  honest.join(topic, { server: false })
  await met
  expect(limited.stats.limitRefusals).toBe(0)
})
