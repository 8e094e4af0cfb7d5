/**
 * The bodies of requests and notifications: they survive encoding and decoding, and nothing else is accepted as one.
 */

import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import * as control from '../../../src/control/index.js'
import { listenProofMessage, MAX_SERVER_NAME_BYTES, toServerName } from '../../../src/control/listen-proof.js'
import { ProxyError } from '../../../src/errors.js'

const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const bytes = fc.uint8Array({ maxLength: 300 })
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const u53 = fc.maxSafeNat()
const octet = fc.integer({ min: 0, max: 255 })
const host = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))
const address = fc.record({ host, port: fc.integer({ min: 0, max: 65_535 }) })
const addresses = fc.array(address, { maxLength: control.MAX_ADDRESSES })
const peers = fc.array(fc.record({ publicKey: fixed(32), relayAddresses: addresses }), { maxLength: control.MAX_PEERS })
const mutable = { seq: u53, signature: fixed(64), value: bytes }
const error = fc
  .record({ code: fc.constantFrom('KEY_TAKEN', 'AUTH_DENIED', 'MY_OWN'), message: fc.string({ maxLength: 60 }) })
  .map(({ code, message }) => new ProxyError(code, message, { remote: true }))

interface Case {
  readonly name: string
  readonly codec: control.BodyCodec<never>
  readonly values: fc.Arbitrary<unknown>
}

function bodyOf<T>(name: string, codec: control.BodyCodec<T>, values: fc.Arbitrary<T>): Case {
  return { name, codec: codec as control.BodyCodec<never>, values }
}

const cases = [
  bodyOf(
    'LISTEN',
    control.listenBody,
    fc.record({ publicKey: fixed(32), proof: fixed(64), serverName: fc.string({ maxLength: 60 }) })
  ),
  bodyOf('a key', control.keyBody, fixed(32)),
  bodyOf('an id', control.idBody, u32),
  bodyOf('a signature', control.signatureBody, fixed(64)),
  bodyOf('bytes', control.bytesBody, bytes),
  bodyOf(
    'QUERY of a key',
    control.queryBody,
    fc.record({ queryId: u32, kind: fc.constantFrom(1, 2), topic: fixed(32), publicKey: fixed(32) })
  ),
  bodyOf(
    'QUERY of nobody',
    control.queryBody,
    fc.record({ queryId: u32, kind: fc.constant(0), topic: fixed(32), publicKey: fc.constant(null) })
  ),
  bodyOf('UNANNOUNCE', control.unannounceBody, fc.record({ topic: fixed(32), publicKey: fixed(32) })),
  bodyOf('CONNECT', control.connectBody, fc.record({ dialId: u32, publicKey: fixed(32), addresses })),
  bodyOf('MUTABLE_PUT', control.mutablePutBody, fc.record({ publicKey: fixed(32), ...mutable })),
  bodyOf('MUTABLE_GET', control.mutableGetBody, fc.record({ publicKey: fixed(32), seq: u53, latest: fc.boolean() })),
  bodyOf('a mutable value', control.mutableResultBody, fc.option(fc.record(mutable))),
  bodyOf('an immutable value', control.maybeBytesBody, fc.option(bytes)),
  bodyOf(
    'SIGN',
    control.signBody,
    fc.record({
      kind: fc.constantFrom(0, 1),
      publicKey: fixed(32),
      target: fixed(32),
      nodeId: fixed(32),
      token: bytes,
      relayAddresses: addresses
    })
  ),
  bodyOf('a handshake part', control.handshakeBody, fc.record({ id: u32, bytes })),
  bodyOf('a finished handshake', control.handshakeDoneBody, fc.record({ holepunchSecret: fixed(32), bytes })),
  bodyOf('ACCEPT_RECV', control.acceptBody, fc.record({ id: u32, publicKey: fixed(32), message: bytes })),
  bodyOf(
    'a verdict',
    control.verdictBody,
    fc.record({ verdict: fc.constantFrom(0, 1, 2), remotePublicKey: fixed(32), payload: bytes })
  ),
  bodyOf('peers', control.peersBody, peers),
  bodyOf('PEERS', control.queryPeersBody, fc.record({ queryId: u32, peers })),
  bodyOf('PEER', control.topicPeersBody, fc.record({ topic: fixed(32), peers })),
  bodyOf('KEY_LOST', control.keyLostBody, fc.record({ publicKey: fixed(32), error })),
  bodyOf('TOPIC_DENIED', control.topicDeniedBody, fc.record({ topic: fixed(32), error })),
  bodyOf('DHT_STATE', control.dhtStateBody, fc.record({ isOnline: fc.boolean(), nextTryMs: u32 })),
  bodyOf('PRESENT', control.presentBody, u32),
  bodyOf('a stream meta', control.streamMeta, fc.record({ kind: fc.constantFrom(0, 1), id: u32 }))
]

test.each(cases)('$name: decoding returns what was encoded', ({ codec, values }) => {
  fc.assert(
    fc.property(values, (value) => {
      expect(plain(codec.decode(codec.encode(value as never)))).toEqual(plain(value))
    }),
    { numRuns: 200 }
  )
})

test.each(cases)('$name: cut short, one byte too many and random bytes are a PROTOCOL_ERROR', ({ codec, values }) => {
  fc.assert(
    fc.property(values, fc.nat(), fc.uint8Array({ maxLength: 200 }), (value, cut, noise) => {
      const body = codec.encode(value as never)
      refuses(() => codec.decode(body.subarray(0, cut % body.byteLength)))
      refuses(() => codec.decode(Buffer.concat([body, Buffer.alloc(1)])))
      try {
        codec.decode(noise)
      } catch (error) {
        expect(error).toMatchObject({ code: 'PROTOCOL_ERROR' })
      }
    }),
    { numRuns: 100 }
  )
})

test('addresses that the DHT cannot know are left out, and their number is limited', () => {
  const many = Array.from({ length: control.MAX_ADDRESSES + 3 }, (_, i) => ({ host: '10.0.0.1', port: i }))
  const strange = [
    { host: '::1', port: 1 },
    { host: 'example', port: 2 },
    { host: '1.2.3.400', port: 3 }
  ]
  const publicKey = new Uint8Array(32)
  const [peer] = control.peersBody.decode(
    control.peersBody.encode([{ publicKey, relayAddresses: [...strange, ...many] }])
  )
  expect(peer?.relayAddresses).toEqual(many.slice(0, control.MAX_ADDRESSES))
})

test('the meta of a stream has a fixed size within a version', () => {
  // A byte was added to it, which older clients of the same version refused, and with it the connection.
  expect([...control.streamMeta.encode({ kind: 1, id: 7 })]).toEqual([1, 7, 0, 0, 0])
  refuses(() => control.streamMeta.decode(Uint8Array.of(1, 7, 0, 0, 0, 1)))
})

test('a value of the wrong size throws on this side', () => {
  expect(() => control.keyBody.encode(new Uint8Array(31))).toThrow(TypeError)
})

test('the proof of a key binds both nonces, the name and the key, under its own label', () => {
  const [nonce, key] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const message = listenProofMessage(nonce, key)
  expect(Buffer.from(message).toString('latin1')).toContain('swarmway proxy listen')
  const others = [
    listenProofMessage(key, nonce),
    listenProofMessage(nonce, key, { clientNonce: nonce }),
    listenProofMessage(nonce, key, { serverName: 'a.example' }),
    listenProofMessage(nonce, key, { serverName: 'a.example', clientNonce: nonce })
  ]
  expect(new Set([message, ...others].map((one) => Buffer.from(one).toString('hex'))).size).toBe(5)
  expect(listenProofMessage(nonce, key, { clientNonce: new Uint8Array(32), serverName: '' })).toEqual(message)
})

test('server names are compared in one form', () => {
  expect(['Proxy.Example', ' proxy.example:443', 'proxy.example:80'].map(toServerName)).toEqual(
    Array(3).fill('proxy.example')
  )
  expect(['proxy.example:8443', '[::1]:8080'].map(toServerName)).toEqual(['proxy.example:8443', '[::1]:8080'])
})

test("a server's name that is too long is refused", () => {
  const body = control.listenBody.encode({ publicKey: new Uint8Array(32), proof: new Uint8Array(64) })
  const long = Buffer.concat([
    body.subarray(0, 96),
    Buffer.from([(MAX_SERVER_NAME_BYTES + 1) & 0xff, 1]),
    Buffer.alloc(600)
  ])
  expect(() => control.listenBody.decode(long)).toThrow(/name of/)
})

function refuses(decode: () => unknown): void {
  expect(decode).toThrow(ProxyError)
  expect(decode).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
}

/** Treats Buffers and Uint8Arrays of the same bytes as equal. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}
