import { describe, expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { isErrorCode, ProxyError, WIRE_CODES } from '../../../src/errors.js'
import { FRAME } from '../../../src/wire/frame-types.js'
import { HEADER_BYTES } from '../../../src/wire/framing.js'
import * as greeting from '../../../src/wire/greeting.js'
import * as linkFrames from '../../../src/wire/link-frames.js'
import * as session from '../../../src/wire/session-frames.js'

const link = { ...greeting, ...linkFrames }

const u32 = fc.integer({ min: 0, max: 0xffffffff })
const u53 = fc.maxSafeNat()
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const some = fc.uint8Array({ maxLength: 200 })
const limits = fc.record({ maxStreams: u32, maxRequests: u32, requestsPerSecond: u32, maxBodyBytes: u32 })
const claim = { sessionId: bytes(16), resumeToken: bytes(32), received: u53 }
const text = fc.string({ maxLength: 60 })
const error = fc.record({ code: fc.constantFrom(...Object.keys(WIRE_CODES), 'MY_OWN_CODE'), message: text })

const ZERO_LIMITS = { maxStreams: 0, maxRequests: 0, requestsPerSecond: 0, maxBodyBytes: 0 }

const bodyOf = (frame: Uint8Array): Uint8Array => frame.subarray(HEADER_BYTES)
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, v) => (v instanceof Uint8Array ? [...v] : v?.type === 'Buffer' ? v.data : v)))

describe('round trips', () => {
  test('HELLO', () => {
    const hello = fc.record(
      { resume: fc.record(claim), clientNonce: bytes(32), limits, userAgent: text, auth: some },
      { requiredKeys: ['clientNonce', 'limits', 'userAgent', 'auth'] }
    )
    fc.assert(
      fc.property(hello, (value) => {
        expect(plain(link.decodeHello(bodyOf(link.encodeHello(value as greeting.Hello))))).toEqual(plain(value))
      })
    )
  })

  test('a HELLO without a nonce has one of zeros', () => {
    const hello = { limits: ZERO_LIMITS, userAgent: '', auth: new Uint8Array(0) }
    const { clientNonce } = link.decodeHello(bodyOf(link.encodeHello(hello)))
    expect(plain(clientNonce)).toEqual(plain(new Uint8Array(32)))
  })

  test('WELCOME', () => {
    const welcome = fc.record({ resumed: fc.boolean(), ...claim, serverNonce: bytes(32), limits, graceMs: u32 })
    fc.assert(
      fc.property(welcome, (value) => {
        expect(plain(link.decodeWelcome(bodyOf(link.encodeWelcome(value))))).toEqual(plain(value))
      })
    )
  })

  test('errors in DENIED, GOODBYE, RESPONSE, STREAM_RESET', () => {
    fc.assert(
      fc.property(error, fc.boolean(), u32, (value, retry, id) => {
        const denied = link.decodeDenied(bodyOf(link.encodeDenied({ error: value, retry })))
        const goodbye = link.decodeGoodbye(bodyOf(link.encodeGoodbye(value)))
        const response = session.decodeResponse(bodyOf(session.encodeErrorResponse(id, value)))
        const reset = session.decodeReset(bodyOf(session.encodeReset(id, value)))
        expect([denied.retry, response.id, reset.stream]).toEqual([retry, id, id])
        for (const decoded of [denied.error, goodbye, response.result as ProxyError, reset.error]) {
          expect(decoded).toBeInstanceOf(ProxyError)
          expect(decoded).toMatchObject({ ...value, remote: true })
        }
      })
    )
  })

  test('PING, ACK, REQUEST, RESPONSE, NOTIFY, STREAM_*', () => {
    fc.assert(
      fc.property(u32, u53, fc.integer({ min: 0, max: 65535 }), some, (n, big, op, body) => {
        expect(link.decodePing(bodyOf(link.encodePing(FRAME.PING, n)))).toBe(n)
        expect(link.decodeAck(bodyOf(link.encodeAck(big)))).toBe(big)
        expect(plain(session.decodeRequest(bodyOf(session.encodeRequest(big, op, body))))).toEqual(
          plain({ id: big, op, body })
        )
        expect(plain(session.decodeResponse(bodyOf(session.encodeResponse(big, body))))).toEqual(
          plain({ id: big, result: body })
        )
        expect(plain(session.decodeNotify(bodyOf(session.encodeNotify(op, body))))).toEqual(plain({ op, body }))
        expect(plain(session.decodeOpen(bodyOf(session.encodeOpen(n, 7, body))))).toEqual(
          plain({ stream: n, window: 7, meta: body })
        )
        expect(session.decodeEnd(bodyOf(session.encodeEnd(n)))).toBe(n)
        if (n > 0) expect(session.decodeCredit(bodyOf(session.encodeCredit(4, n)))).toEqual({ stream: 4, credit: n })
      })
    )
  })

  test('a long message is cut between characters, and an invalid code becomes INTERNAL', () => {
    const decoded = link.decodeGoodbye(bodyOf(link.encodeGoodbye({ code: 'not a code', message: 'ü'.repeat(2000) })))
    expect(decoded.code).toBe('INTERNAL')
    expect(decoded.message).toBe('ü'.repeat(512))
  })

  test('a code number of a later version is recognised as unknown', () => {
    const frame = link.encodeGoodbye({ code: 'INTERNAL', message: '' })
    frame[HEADER_BYTES] = 250
    expect(link.decodeGoodbye(bodyOf(frame)).code).toBe('UNKNOWN_250')
  })
})

const decoders: Record<string, (body: Uint8Array) => unknown> = {
  decodeHello: link.decodeHello,
  decodeWelcome: link.decodeWelcome,
  decodeDenied: link.decodeDenied,
  decodePing: link.decodePing,
  decodeAck: link.decodeAck,
  decodeGoodbye: link.decodeGoodbye,
  decodeRequest: session.decodeRequest,
  decodeResponse: session.decodeResponse,
  decodeNotify: session.decodeNotify,
  decodeOpen: session.decodeOpen,
  decodeData: session.decodeData,
  decodeCredit: session.decodeCredit,
  decodeEnd: session.decodeEnd,
  decodeReset: session.decodeReset
}

function expectCoded(decode: (body: Uint8Array) => unknown, body: Uint8Array): void {
  try {
    decode(body)
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ProxyError)
    expect(isErrorCode((thrown as ProxyError).code)).toBe(true)
  }
}

describe('hostile input', () => {
  test.each(Object.keys(decoders))('%s: random bytes decode to a value or throw a coded error', (name) => {
    const decode = decoders[name] as (body: Uint8Array) => unknown
    fc.assert(fc.property(fc.uint8Array({ maxLength: 150 }), (body) => expectCoded(decode, body)))
  })

  const hello = bodyOf(
    link.encodeHello({
      resume: { sessionId: new Uint8Array(16), resumeToken: new Uint8Array(32), received: 5 },
      limits: { maxStreams: 1, maxRequests: 2, requestsPerSecond: 3, maxBodyBytes: 4 },
      userAgent: 'test',
      auth: new Uint8Array(3)
    })
  )

  test('every truncation and every extension of a HELLO is refused', () => {
    for (let length = 0; length < hello.byteLength; length++) {
      expect(() => link.decodeHello(hello.subarray(0, length))).toThrow(ProxyError)
    }
    expect(() => link.decodeHello(Buffer.concat([hello, Buffer.alloc(1)]))).toThrow(/too many/)
  })

  test('every changed byte decodes to a value or throws a coded error', () => {
    fc.assert(
      fc.property(fc.nat({ max: hello.byteLength - 1 }), fc.integer({ min: 0, max: 255 }), (index, value) => {
        const changed = Uint8Array.from(hello)
        changed[index] = value
        expectCoded(link.decodeHello, changed)
      })
    )
  })

  test('another magic is NOT_A_PROXY, another version VERSION_MISMATCH', () => {
    const alien = Uint8Array.from(hello)
    alien[0] = 0
    expect(() => link.decodeHello(alien)).toThrow(expect.objectContaining({ code: 'NOT_A_PROXY' }))
    const future = Uint8Array.from(hello)
    future[8] = greeting.PROTOCOL_VERSION + 1
    expect(() => link.decodeHello(future)).toThrow(expect.objectContaining({ code: 'VERSION_MISMATCH' }))
    expect(() => link.decodeHello(new Uint8Array(3))).toThrow(expect.objectContaining({ code: 'NOT_A_PROXY' }))
  })

  // Beyond four bytes it wrapped around: 2^32 milliseconds were none.
  test.each([
    [0.6, 1],
    [0xffffffff, 0xffffffff],
    [2 ** 32, 0xffffffff],
    [Number.POSITIVE_INFINITY, 0xffffffff]
  ])('a DENIED for %d ms carries %d', (retryAfterMs, expected) => {
    const frame = link.encodeDenied({ error: { code: 'LIMIT', message: '' }, retry: true, retryAfterMs })
    expect(link.decodeDenied(bodyOf(frame)).retryAfterMs).toBe(expected)
  })

  test('a DENIED of another version can be read', () => {
    const frame = link.encodeDenied({ error: { code: 'VERSION_MISMATCH', message: 'old' }, retry: false })
    frame[HEADER_BYTES + 8] = 9
    expect(link.decodeDenied(bodyOf(frame)).error.code).toBe('VERSION_MISMATCH')
  })

  test('encoding refuses ids, tokens and auth blocks of the wrong size', () => {
    const limitsOf = { maxStreams: 1, maxRequests: 1, requestsPerSecond: 1, maxBodyBytes: 1 }
    const resume = { sessionId: new Uint8Array(15), resumeToken: new Uint8Array(32), received: 0 }
    expect(() => link.encodeHello({ resume, limits: limitsOf, userAgent: '', auth: new Uint8Array(0) })).toThrow(
      RangeError
    )
    expect(() => link.encodeHello({ limits: limitsOf, userAgent: '', auth: new Uint8Array(8193) })).toThrow(RangeError)
  })
})
