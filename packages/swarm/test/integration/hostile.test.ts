/** Peers that break the rules. An uncaught error fails the run. */
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import b4a from 'b4a'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { appendHello } from '../../src/handshake/extension.js'
import type { Swarm } from '../../src/native/swarm.js'
import type { CreateHandshake, NodeHandshake } from '../../src/network/dht-node.js'
import type { KeyPair } from '../../src/util/keys.js'
import { type Dht, HyperDHT, hex, ignore, like, nextConnection, Testnet } from './support.js'

const require = createRequire(import.meta.url)

/** HyperDHT's own handshake, with its Noise state exposed for tampering. */
interface NoiseWrap extends NodeHandshake {
  readonly handshake: { send(payload: Uint8Array): Uint8Array; recv(message: Uint8Array): Uint8Array }
}
const NoiseWrap = require('hyperdht/lib/noise-wrap.js') as new (
  keyPair: KeyPair,
  remotePublicKey: Uint8Array | null
) => NoiseWrap

type Router = {
  _router: {
    peerHandshake(target: Uint8Array, message: { noise: Uint8Array }, to: object): Promise<{ noise: Uint8Array }>
  }
}
const { hash } = require('hypercore-crypto') as { hash(bytes: Uint8Array): Uint8Array }

const testnet = Testnet.use()

describe('a listening swarm that receives invalid handshakes', () => {
  const LENGTHS = [1, 2, 31, 32, 33, 47, 48, 64, 80, 96, 97, 128, 200, 500, 1000]

  test('of random bytes: refuses and counts each, and keeps working', async () => {
    const swarm = await listening()
    for (const length of LENGTHS) sendHandshake(swarm, randomBytes(length))
    await until('each to be counted', () => swarm.stats.malformedHandshakes === LENGTHS.length)
    await expectToWork(swarm)
    expect(swarm.peers.size).toBe(1)
    expect(swarm.stats.dials).toEqual({})
  })

  test('made for another key, cut short or with a flipped bit: does the same', async () => {
    const swarm = await listening()
    const elsewhere = HyperDHT.keyPair().publicKey
    const good = initiatorMessage(swarm.keyPair.publicKey)
    const flipped = b4a.from(good)
    flipped[flipped.byteLength - 1] = (flipped[flipped.byteLength - 1] ?? 0) ^ 1
    const bad = [initiatorMessage(elsewhere), good.subarray(0, -1), good.subarray(0, 90), flipped]
    for (const noise of bad) sendHandshake(swarm, noise)
    await until('each to be counted', () => swarm.stats.malformedHandshakes === bad.length)
    await expectToWork(swarm)
  })

  test('as large as a packet can be: does the same', async () => {
    const swarm = await listening()
    // The largest that the receiving UDX socket has room for; larger packets never reach the swarm.
    sendHandshake(swarm, randomBytes(1900))
    sendHandshake(swarm, initiatorMessage(swarm.keyPair.publicKey, b4a.alloc(1700, 1)))
    for (const length of [8000, 30_000, 60_000]) sendHandshake(swarm, randomBytes(length))
    await until('the first to be counted', () => swarm.stats.malformedHandshakes > 0)
    await expectToWork(swarm)
  })

  test('hundreds at once: does the same', async () => {
    const swarm = await listening()
    for (let i = 0; i < 300; i++) sendHandshake(swarm, randomBytes(100))
    await expectToWork(swarm)
    await until('many to be counted', () => swarm.stats.malformedHandshakes >= 100)
    expect(swarm.peers.size).toBe(1)
  })

  test('with an empty payload or none at all: does the same', async () => {
    const swarm = await listening()
    const payloads = [b4a.alloc(0), b4a.from([1]), randomBytes(40), b4a.alloc(40, 255)]
    for (const payload of payloads) sendHandshake(swarm, initiatorMessage(swarm.keyPair.publicKey, payload, false))
    // Some of it decodes, as a payload of another version: HyperDHT answers that with an error, not with a connection.
    await until('some to be counted', () => swarm.stats.malformedHandshakes > 0)
    await expectToWork(swarm)
    expect(swarm.connections.size).toBe(1)
  })
})

describe('a valid handshake with a broken extension block', () => {
  const MAGIC = b4a.from('swarmwy\u0001')
  const hello = { incarnation: randomBytes(8), epoch: 1, proofs: [], refusal: null, statements: [] }
  const block = appendHello(b4a.alloc(0), hello)
  const fieldsOf = (bytes: Uint8Array) => b4a.concat([bytes, b4a.from([bytes.byteLength & 255, bytes.byteLength >> 8])])
  const BROKEN: [string, Uint8Array][] = [
    ['only the magic', MAGIC],
    ['a length beyond the payload', b4a.concat([b4a.from([255, 255]), MAGIC])],
    ['no fields', b4a.concat([fieldsOf(b4a.alloc(0)), MAGIC])],
    ['a field that is cut off', b4a.concat([fieldsOf(b4a.from([1, 12])), MAGIC])],
    ['a field longer than the block', b4a.concat([fieldsOf(b4a.from([1, 200, 0, 1, 2])), MAGIC])],
    ['an origin of the wrong length', b4a.concat([fieldsOf(b4a.from([1, 2, 0, 1, 2])), MAGIC])],
    ['proofs of a broken length', withField(block, b4a.concat([b4a.from([2, 17, 0]), randomBytes(17)]))],
    ['more proofs than allowed', withField(block, b4a.concat([b4a.from([2, 0, 2]), randomBytes(512)]))],
    ['random fields', b4a.concat([fieldsOf(randomBytes(60)), MAGIC])]
  ]

  test.each(BROKEN)('%s: the peer that sends it is refused', async (_, tail) => {
    const swarm = await listening()
    const dial = testnet.node().connect(swarm.keyPair.publicKey, { createHandshake: tampered({ tail }) })
    dial.on('error', ignore)
    await until('it to be counted', () => swarm.stats.malformedHandshakes > 0)
    dial.destroy()
    expect(swarm.connections.size).toBe(0)
    expect(swarm.peers.size).toBe(0)
    await expectToWork(swarm)
  })

  test.each(BROKEN)('%s: the peer that answers with it is reported', async (_, tail) => {
    const responder = await responding(tampered({ tail }))
    const swarm = testnet.swarm()
    const failure = new Promise((resolve) => swarm.once('dial-error', resolve))
    await expect(swarm.connect(responder)).rejects.toMatchObject({ code: 'HANDSHAKE_MALFORMED' })
    expect(await failure).toMatchObject({ code: 'HANDSHAKE_MALFORMED', stage: 'handshake' })
    expect(swarm.stats.malformedHandshakes).toBeGreaterThan(0)
    expect(swarm.connections.size).toBe(0)
  })

  test('the same dialler is accepted without the broken block', async () => {
    const swarm = await listening()
    const dial = testnet.node().connect(swarm.keyPair.publicKey, { createHandshake: tampered({ tail: b4a.alloc(0) }) })
    dial.on('error', ignore)
    await until('the connection', () => swarm.connections.size === 1)
    dial.destroy()
  })

  /** The fields of a valid block, followed by one more. */
  function withField(good: Uint8Array, field: Uint8Array): Uint8Array {
    const fields = good.subarray(0, good.byteLength - 2 - MAGIC.byteLength)
    return b4a.concat([fieldsOf(b4a.concat([fields, field])), MAGIC])
  }
})

test('an answer of random bytes fails only the dial', async () => {
  const responder = await responding(tampered({ replace: randomBytes(100) }))
  const swarm = testnet.swarm()
  await expect(swarm.connect(responder)).rejects.toMatchObject({ code: 'HANDSHAKE_MALFORMED' })
  await swarm.listen()
  await expectToWork(swarm)
})

describe('a peer that resets its connections cannot end a process that does not listen for errors', () => {
  test('when it dials', async () => {
    const swarm = await listening()
    const node = testnet.node()
    for (let i = 0; i < 3; i++) {
      const met = nextConnection(like(swarm))
      const dial = node.connect(swarm.keyPair.publicKey)
      dial.on('error', ignore)
      dial.once('open', () => dial.write(b4a.from('hello')))
      await met
      reset(dial)
      await until('the connection to close', () => swarm.connections.size === 0)
    }
    await expectToWork(swarm)
  })

  test('when it accepts', async () => {
    const node = testnet.node()
    const server = node.createServer({}, (connection) => {
      connection.on('error', ignore)
      connection.once('data', () => reset(connection))
    })
    await server.listen(node.defaultKeyPair)
    const swarm = testnet.swarm({ backoffs: [10], jitter: 0 })
    let resets = 0
    swarm.on('connection', (connection) => {
      connection.write('hello')
      connection.once('close', () => resets++)
    })
    swarm.joinPeer(node.defaultKeyPair.publicKey)
    await until('three resets', () => resets >= 3)
  })

  test('when its node vanishes in the middle of a transfer', async () => {
    const swarm = await listening()
    const node = testnet.node()
    const met = nextConnection(like(swarm))
    const dial = node.connect(swarm.keyPair.publicKey)
    dial.on('error', ignore)
    dial.once('open', () => dial.write(b4a.alloc(100_000)))
    const { connection } = await met
    connection.write(b4a.alloc(100_000))
    await node.destroy({ force: true })
    await until('the connection to close', () => swarm.connections.size === 0)
  })

  /** Sends the transport's reset instead of closing properly. */
  function reset(connection: { rawStream: unknown }): void {
    ;(connection.rawStream as { destroy(): void }).destroy()
  }
})

describe('a peer that reads everything it receives', () => {
  test('sees no topic in a handshake, whether it knows the topic or not', async () => {
    const payloads: Uint8Array[] = []
    const node = testnet.node()
    const server = node.createServer(
      { createHandshake: tampered({ onPayload: (bytes) => payloads.push(bytes) }) },
      (c) => c.on('error', ignore)
    )
    await server.listen(node.defaultKeyPair)
    const [shared, secret] = [freshTopic(), freshTopic()]
    await node.announce(shared, node.defaultKeyPair, server.relayAddresses).finished()

    const swarm = testnet.swarm()
    const met = nextConnection(like(swarm))
    swarm.join(secret, { server: false })
    swarm.join(shared, { server: false })
    expect((await met).info.topics.map(hex)).toEqual([hex(shared)])
    swarm.joinPeer(node.defaultKeyPair.publicKey)

    expect(payloads.length).toBeGreaterThan(0)
    for (const payload of payloads) {
      expect(hex(payload)).toContain(hex(b4a.from('swarmwy\u0001')))
      for (const topic of [shared, secret]) expect(commonWindow(payload, topic, 8)).toBeNull()
    }
    // The proof also differs from peer to peer, so that two peers cannot compare what they received.
    const proofs = payloads.map((payload) => hex(payload.subarray(-80)))
    expect(new Set(proofs).size).toBe(payloads.length)
  })

  /** The first run of `length` bytes of `topic` that `payload` also contains. */
  function commonWindow(payload: Uint8Array, topic: Uint8Array, length: number): string | null {
    const text = hex(payload)
    for (let i = 0; i + length <= topic.byteLength; i++) {
      const part = topic.subarray(i, i + length)
      const isConstant = part.every((byte) => byte === part[0])
      if (!isConstant && text.includes(hex(part))) return hex(part)
    }
    return null
  }
})

async function listening(): Promise<Swarm> {
  const swarm = testnet.swarm()
  await swarm.listen()
  return swarm
}

/** Sends `noise` as a PEER_HANDSHAKE request to the swarm's node. There may be no answer, and none is needed. */
function sendHandshake(swarm: Swarm, noise: Uint8Array): void {
  const node = attacker(swarm)
  const { _router } = node as unknown as Router
  const to = (swarm.dht as Dht).address()
  _router.peerHandshake(hash(swarm.keyPair.publicKey), { noise }, { host: '127.0.0.1', port: to.port }).catch(ignore)
}

const attackers = new WeakMap<Swarm, Dht>()

function attacker(swarm: Swarm): Dht {
  const node = attackers.get(swarm) ?? testnet.node()
  attackers.set(swarm, node)
  return node
}

/** The first message of a handshake with `publicKey`, with `bytes` after its payload or instead of it. */
function initiatorMessage(publicKey: Uint8Array, bytes = b4a.alloc(0), isBehind = true): Uint8Array {
  const wrap = new NoiseWrap(HyperDHT.keyPair(), publicKey)
  if (!isBehind) return wrap.handshake.send(bytes)
  return (tampered({ tail: bytes })(HyperDHT.keyPair(), publicKey) as NodeHandshake).send(PAYLOAD) as Uint8Array
}

const PAYLOAD = { error: 0, firewall: 0, holepunch: null, addresses4: [], addresses6: [], udx: null, secretStream: {} }

interface Tampering {
  /** Appended to what is sent. */
  tail?: Uint8Array
  /** Sent instead of the message. */
  replace?: Uint8Array
  /** Receives what arrived, decrypted. */
  onPayload?: (payload: Uint8Array) => void
}

/** HyperDHT's handshake, tampered with. */
function tampered({ tail, replace, onPayload }: Tampering): CreateHandshake {
  return (keyPair, remotePublicKey) => {
    const wrap = new NoiseWrap(keyPair, remotePublicKey)
    const { send, recv } = wrap.handshake
    wrap.handshake.send = (payload) => {
      const message = send.call(wrap.handshake, tail ? b4a.concat([payload, tail]) : payload)
      return replace ?? message
    }
    wrap.handshake.recv = (message) => {
      const payload = recv.call(wrap.handshake, message)
      onPayload?.(b4a.from(payload))
      return payload
    }
    return wrap
  }
}

/** A server that answers with `createHandshake`; returns its public key. */
async function responding(createHandshake: CreateHandshake): Promise<Uint8Array> {
  const node = testnet.node()
  const server = node.createServer({ createHandshake }, (connection) => connection.on('error', ignore))
  await server.listen(node.defaultKeyPair)
  onTestFinished(() => server.close())
  return node.defaultKeyPair.publicKey
}

/** An honest peer still gets through. */
async function expectToWork(swarm: Swarm): Promise<void> {
  const peer = testnet.swarm()
  const met = nextConnection(like(swarm))
  await peer.connect(swarm.keyPair.publicKey)
  expect(hex((await met).connection.remotePublicKey)).toBe(hex(peer.keyPair.publicKey))
}
