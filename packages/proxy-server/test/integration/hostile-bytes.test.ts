/** A client's answers reach HyperDHT, whose exceptions were not caught and ended the server. */
import { bytesBody, handshakeBody, handshakeDoneBody, SERVER_REQUEST } from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { encodedPayload, handshakeMessage, MODE } from '../../../swarm/test/support/hostile-peer.js'
import { AddressPolicy } from '../../src/dht/addresses.js'
import type { RawStream } from '../../src/dht/hyperdht.js'
import { decodePayload } from '../../src/dht/native.js'
import { readPayload } from '../../src/dht/payload.js'
import { StandInStream } from '../../src/dht/stand-in.js'
import { attack, type EvilNode, expectToWork, sendTo } from '../support/hostile-run.js'
import { makeServer } from '../support/servers.js'
import { codeOf, TestClient } from '../support/test-client.js'
import { HOST, testnet } from '../support/testnet.js'

const OPEN = 1

test.each([
  { who: 'a node of its own', peerAddress: { host: HOST, port: 0 }, addresses4: [] },
  { who: 'a client', peerAddress: { host: HOST, port: 1 }, addresses4: [{ host: '5.5.5.7', port: 0 }] }
])('$who that directs a dial to port 0 fails that dial', async ({ peerAddress, addresses4 }) => {
  const { net, server } = await proxied()
  const liar = net.node() as EvilNode
  await liar.fullyBootstrapped()
  const reply = handshakeMessage(MODE.reply, b4a.alloc(200, 1), peerAddress)
  liar._router.onpeerhandshake = async (request) => request.reply(reply, { closerNodes: false, token: false })
  const client = await TestClient.connect(server, {
    onRequest: (op) => {
      if (op === SERVER_REQUEST.DIAL_SEND) return bytesBody.encode(b4a.alloc(200, 2))
      const bytes = encodedPayload({ firewall: OPEN, addresses4 })
      return handshakeDoneBody.encode({ holepunchSecret: b4a.alloc(32), bytes })
    }
  })
  const addresses = [{ host: HOST, port: liar.address().port }]
  const dial = codeOf(client.dial(createKeyPair().publicKey, addresses))
  if (peerAddress.port === 0) expect(await dial).toMatch(/^PEER_/)
  // The other address has no peer: the dial ends when the client cancels it.
  else {
    await until(() => client.asked.includes(SERVER_REQUEST.DIAL_RECV))
    client.session.destroy()
    await dial
  }
  await expectToWork(server, net.node())
})

test('a packet that arrives before the end of its stream’s handshake is dropped', async () => {
  const { net, server } = await proxied()
  const native = net.node() as EvilNode
  const own = createKeyPair()
  // The node learns the number of the waiting stream, and sends to it before it answers.
  const client: TestClient = await TestClient.connect(server, {
    keyPair: own,
    onRequest: (op, body) => {
      if (op !== SERVER_REQUEST.ACCEPT_SEND) return undefined
      const { id, bytes } = handshakeBody.decode(body)
      return early(id, bytes)
    }
  })
  const early = async (id: number, bytes: Uint8Array): Promise<Uint8Array> => {
    const { udx } = decodePayload(bytes)
    await sendTo(server, native, udx?.id ?? 0)
    const handshake = client.handshake(1, id)
    const message = handshake.send(bytes)
    return handshakeDoneBody.encode({ holepunchSecret: handshake.holepunchSecret, bytes: message })
  }
  await client.listen()
  const dial = net.node().connect(own.publicKey)
  dial.on('error', () => {})
  await until(() => client.asked.includes(SERVER_REQUEST.ACCEPT_SEND))
  await expectToWork(server, net.node())
  dial.destroy()
  expect(client.session.destroyed).toBe(false)
})

test('only usable addresses of a payload are kept, and only some of them', () => {
  const policy = new AddressPolicy(true, null)
  const many = Array.from({ length: 100 }, (_, i) => ({ host: '192.0.2.7', port: i }))
  const relays = many.map((relayAddress) => ({ relayAddress, peerAddress: { host: '192.0.2.7', port: 1 } }))
  const payload = readPayload(encodedPayload({ addresses4: many, holepunch: { id: 0, relays } }), policy)
  expect(payload.addresses4).toEqual(many.slice(1, 33))
  expect(payload.holepunch?.relays.map(({ relayAddress }) => relayAddress)).toEqual(many.slice(1, 33))
})

test('a raw stream that cannot connect fails the dial that waits for it', async () => {
  const failure = new Promise<Error | null>((resolve) => {
    const stream = new StandInStream({ onRawStream: () => {}, onFailed: resolve })
    stream.start({ destroying: true } as RawStream)
  })
  expect(await failure).toMatchObject({ code: 'PEER_CONNECTION_FAILED' })
})

/** The short form of the fuzz tier, see fuzz/. An uncaught exception fails the run. */
test.each([true, false])('hostile clients that collude with DHT nodes (private addresses: %s)', async (isPrivate) => {
  const { net, server } = await proxied(isPrivate)
  const nodes = Array.from({ length: 4 }, () => net.node() as EvilNode)
  const { accepts, dials } = await attack(server, nodes, 150, 1)
  expect([accepts > 50, dials > 50]).toEqual([true, true])
  await expectToWork(server, net.node())
})

async function proxied(allowPrivateAddresses = true) {
  const net = await testnet()
  const server = makeServer({ bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses })
  return { net, server }
}
