/**
 * A peer's announcement names the nodes through which it can be reached. If one of them answered with made-up bytes,
 * the dial ended with HANDSHAKE_MALFORMED without waiting for the others, and so did the next dial.
 */
import { expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { makeEvil, WRONG_ANSWERS } from '../support/evil-relay.js'
import { HyperDHT, hex, ignore, like, nextConnection, Testnet } from './support.js'

const testnet = Testnet.use()

test.each(WRONG_ANSWERS)(
  'a peer is reached even if the first relay that it names answers with %s',
  async (_, answer) => {
    const node = testnet.node()
    const relay = testnet.node()
    await relay.fullyBootstrapped()
    const evil = makeEvil(relay as never, answer)
    const keyPair = HyperDHT.keyPair()
    const server = node.createServer({}, (connection) =>
      connection.on('error', ignore).on('data', ignore).write('hello')
    )
    await server.listen(keyPair)
    const topic = freshTopic()
    await node.announce(topic, keyPair, [evil.address, ...server.relayAddresses.slice(0, 2)]).finished()
    const swarm = testnet.swarm()
    const errors: string[] = []
    swarm.on('dial-error', ({ code }) => errors.push(code))
    const met = nextConnection(like(swarm))
    swarm.join(topic, { server: false })
    const { connection } = await met
    expect(hex(connection.remotePublicKey)).toBe(hex(keyPair.publicKey))
    expect(evil.asked).toBeGreaterThan(0)
    expect(errors).toEqual([])
  }
)
