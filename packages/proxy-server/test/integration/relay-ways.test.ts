/**
 * HyperDHT remembers the nodes through which it reached a peer, for the next dial. On a proxy server, one client
 * could use this to spoil the dials of the others: it dialled a peer through its own node and claimed that the peer
 * had answered, which only the client can tell. From then on all dials of that peer went to that node.
 */
import { randomBytes } from 'node:crypto'
import { bytesBody, handshakeBody, handshakeDoneBody, ProxyError, SERVER_REQUEST } from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { makeEvil } from '../../../swarm/test/support/evil-relay.js'
import { encodePayload } from '../../src/dht/native.js'
import { makeServer } from '../support/servers.js'
import { codeOf, hex, TestClient } from '../support/test-client.js'
import { HOST, type NativeNode, testnet } from '../support/testnet.js'

type Cache = { get(key: string): unknown; set(key: string, value: object): void }

/** The cache of a real node: if a later HyperDHT renames it, `withOwnWays` has to follow. */
function cacheOf(dht: object | null): Cache {
  const { _relayAddressesCache: cache } = dht as { _relayAddressesCache: Cache }
  return cache
}

async function listening(node: NativeNode) {
  const keyPair = createKeyPair()
  await node.createServer((stream) => void stream.on('error', () => {})).listen(keyPair)
  return keyPair
}

async function setUp() {
  const net = await testnet()
  const server = makeServer({ bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true })
  const evilNode = net.node() as NativeNode & { fullyBootstrapped(): Promise<void> }
  await evilNode.fullyBootstrapped()
  return { net, server, evilNode, keyPair: await listening(net.node()) }
}

/** The payload of a peer without a firewall, as a client may claim to have read it. */
const CLAIMED = encodePayload({
  version: 1,
  error: 0,
  firewall: 1,
  holepunch: null,
  addresses4: [],
  addresses6: [],
  udx: { version: 1, reusableSocket: false, id: 1, seq: 0 },
  secretStream: { version: 1 },
  relayThrough: null,
  relayAddresses: null
} as never)

test('a dial of one client, whatever it claims, leaves no route for the dials of others', async () => {
  const { evilNode, keyPair, server } = await setUp()
  const evil = makeEvil(evilNode as never, () => randomBytes(200))
  const a = await TestClient.connect(server, {
    onRequest: (op) => {
      if (op === SERVER_REQUEST.DIAL_SEND) return bytesBody.encode(randomBytes(200))
      if (op !== SERVER_REQUEST.DIAL_RECV) return undefined
      return handshakeDoneBody.encode({ holepunchSecret: randomBytes(32), bytes: CLAIMED })
    }
  })
  await a.dial(keyPair.publicKey, [evil.address])
  expect(evil.asked).toBe(1)
  expect(cacheOf(server.dht).get(hex(keyPair.publicKey))).toBeNull()
  const b = await TestClient.connect(server)
  await b.dial(keyPair.publicKey)
  expect(evil.asked).toBe(1)
  // An honest dial leaves none either.
  expect(cacheOf(server.dht).get(hex(keyPair.publicKey))).toBeNull()
})

test('routes that the node remembers for its owner are kept, but not used for the dials of clients', async () => {
  const { evilNode, keyPair, server } = await setUp()
  const evil = makeEvil(evilNode as never, () => randomBytes(200))
  cacheOf(server.dht).set(hex(keyPair.publicKey), [evil.address])
  const client = await TestClient.connect(server)
  await client.dial(keyPair.publicKey)
  expect(evil.asked).toBe(0)
  expect(cacheOf(server.dht).get(hex(keyPair.publicKey))).toEqual([evil.address])
})

/** A client that does not accept this as an answer of the peer. */
function knowing(lie: Uint8Array) {
  return (op: number, body: Uint8Array) => {
    const isLie = op === SERVER_REQUEST.DIAL_RECV && b4a.equals(handshakeBody.decode(body).bytes, lie)
    return isLie ? Promise.reject(new ProxyError('HANDSHAKE_MALFORMED', 'not of the peer')) : undefined
  }
}

test('an answer that the client does not recognise ends one route, and the dial continues', async () => {
  const { evilNode, keyPair, server } = await setUp()
  const lie = randomBytes(200)
  const evil = makeEvil(evilNode as never, () => lie)
  const client = await TestClient.connect(server, { onRequest: knowing(lie) })
  const stream = await client.dial(keyPair.publicKey, [evil.address])
  expect(client.handshakeOf(stream).complete).toBe(true)
  expect(evil.asked).toBe(1)
})

test('the dial ends if all nodes answer wrongly', async () => {
  const { evilNode, server } = await setUp()
  const lie = randomBytes(200)
  const evil = makeEvil(evilNode as never, () => lie)
  const client = await TestClient.connect(server, { onRequest: knowing(lie) })
  const code = await codeOf(client.dial(createKeyPair().publicKey, [evil.address]))
  expect(['PEER_NOT_FOUND', 'PEER_CONNECTION_FAILED']).toContain(code)
  await until(() => evil.asked > 0)
  expect(server.stats.clients).toBe(1)
})
