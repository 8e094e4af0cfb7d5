import {
  bytesBody,
  handshakeBody,
  handshakeDoneBody,
  SERVER_REQUEST,
  VERDICT,
  verdictBody
} from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import { guardNode } from '@swarmway/swarm/hyperdht'
import b4a from 'b4a'
import { expect } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import {
  Draws,
  hostileHandshake,
  hostilePayload,
  hostilePunch,
  hostileReply
} from '../../../swarm/test/support/hostile-bytes.js'
import { holepunchMessage, MODE, type RawNode, SecurePayload } from '../../../swarm/test/support/hostile-peer.js'
import { decodePayload } from '../../src/dht/native.js'
import type { ProxyServer } from '../../src/index.js'
import { codeOf, hex, TestClient } from './test-client.js'
import { HOST, type NativeNode } from './testnet.js'

/** A DHT node of the attacker, with all the parts that are used. */
export type EvilNode = NativeNode & RawNode & Udx

interface Udx {
  readonly udx: {
    createStream(id: number): {
      connect(socket: object, remoteId: number, port: number, host: string): void
      write(bytes: Uint8Array): void
      destroy(): void
      on(event: 'error', listener: () => void): void
    }
  }
  readonly io: RawNode['io'] & { readonly clientSocket: object }
}

/** The hole punching secret that a hostile client gives the server, so that the attacker's node knows it. */
const SECRET = b4a.alloc(32, 5)
const NOISE = b4a.alloc(200, 2)
/** More rounds than a dial needs to fail or to begin its hole punch. */
const MOST_ROUNDS = 15

/** Sends to the stream of this number at the server, and waits until the bytes have arrived. */
export async function sendTo(server: ProxyServer, node: EvilNode, streamId: number): Promise<void> {
  const { port } = (server.dht as NativeNode).address()
  const stream = node.udx.createStream(7)
  stream.on('error', () => {})
  stream.connect(node.io.clientSocket, streamId, port, HOST)
  stream.write(b4a.alloc(100))
  await node.ping({ host: HOST, port })
  stream.destroy()
}

/** Lets hostile clients, which collude with hostile DHT nodes, perform `count` actions on a server. */
export async function attack(server: ProxyServer, nodes: readonly EvilNode[], count: number, seed: number) {
  const draws = new Draws(seed)
  const done = { dials: 0, accepts: 0 }
  let left = count
  // Only the server is under test; the nodes live in the same process.
  for (const node of nodes) guardNode(node)
  const work = async (node: EvilNode): Promise<void> => {
    await node.fullyBootstrapped()
    lie(node, draws)
    const client = await TestClient.connect(server, { onRequest: (op, body) => answer(server, node, draws, op, body) })
    await client.listen()
    while (left-- > 0) {
      if (left % 2 === 0) await dial(client, node, server).then(() => done.dials++)
      else await knock(client, node, server).then(() => done.accepts++)
    }
    client.session.destroy()
  }
  await Promise.all(nodes.map(work))
  return done
}

/** An honest client still reaches an honest peer, and no other. */
export async function expectToWork(server: ProxyServer, node: NativeNode): Promise<void> {
  const keyPair = createKeyPair()
  const accepted: string[] = []
  const listening = node.createServer((stream) => {
    stream.on('error', () => {})
    accepted.push(hex(stream.remotePublicKey))
  })
  await listening.listen(keyPair)
  const client = await TestClient.connect(server)
  const stream = await client.dial(keyPair.publicKey)
  // HyperDHT's server on a local network reports a connection when the first byte arrives.
  stream.write(b4a.alloc(1))
  await until('the peer to accept', () => accepted.length > 0)
  expect({ accepted, ended: stream.destroyed }).toEqual({ accepted: [hex(client.keyPair.publicKey)], ended: false })
  await listening.close()
}

/** The client dials through the node, which lies. */
async function dial(client: TestClient, node: EvilNode, server: ProxyServer): Promise<void> {
  const { port } = node.address()
  const outcome = codeOf(client.dial(createKeyPair().publicKey, [{ host: HOST, port }]))
  await Promise.race([outcome, rounds(node, server)])
  client.cancelLastDial()
  await outcome
  for (const stream of client.streams.values()) stream.destroy()
}

/** The node dials the client. */
async function knock(client: TestClient, node: EvilNode, server: ProxyServer): Promise<void> {
  const connection = node.connect(client.keyPair.publicKey)
  connection.on('error', () => {})
  await rounds(node, server)
  connection.destroy()
  for (const stream of client.accepted) stream.destroy()
}

async function rounds(node: EvilNode, server: ProxyServer): Promise<void> {
  const { port } = (server.dht as NativeNode).address()
  for (let i = 0; i < MOST_ROUNDS; i++) await node.ping({ host: HOST, port })
}

/** Answers the handshakes and hole punches that the node should pass on. */
function lie(node: EvilNode, draws: Draws): void {
  const without = { closerNodes: false, token: false }
  node._router.onpeerhandshake = async (request) => {
    const arbitrary = draws.below(3) > 0 ? hostileReply(NOISE) : hostileHandshake(NOISE)
    request.reply(draws.next(arbitrary), without)
  }
  node._router.onpeerholepunch = async (request) => {
    const payload = new SecurePayload(SECRET).encrypt(draws.next(hostilePunch))
    request.reply(holepunchMessage(MODE.reply, 0, payload, { host: HOST, port: draws.below(2) * 9 }), without)
  }
}

function answer(server: ProxyServer, node: EvilNode, draws: Draws, op: number, body: Uint8Array) {
  if (op === SERVER_REQUEST.SIGN) return undefined
  if (op === SERVER_REQUEST.DIAL_SEND) return bytesBody.encode(NOISE)
  if (op === SERVER_REQUEST.ACCEPT_RECV)
    return verdictBody.encode({
      verdict: draws.below(5) === 0 ? VERDICT.REFUSE : VERDICT.ACCEPT,
      remotePublicKey: createKeyPair().publicKey,
      payload: draws.next(hostilePayload)
    })
  const bytes = op === SERVER_REQUEST.DIAL_RECV ? draws.next(hostilePayload) : NOISE
  const done = handshakeDoneBody.encode({ holepunchSecret: SECRET, bytes })
  if (op !== SERVER_REQUEST.ACCEPT_SEND || draws.below(4) > 0) return done
  const { udx } = decodePayload(handshakeBody.decode(body).bytes)
  return sendTo(server, node, udx?.id ?? 0).then(() => done)
}
