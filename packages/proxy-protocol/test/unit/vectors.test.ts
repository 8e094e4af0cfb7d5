/**
 * The test vectors of docs/protocol.md. They were made before the control protocol became a table, so they also show
 * that the bytes have stayed the same.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as control from '../../src/control/index.js'
import { FRAME } from '../../src/wire/frame-types.js'
import { encodeFrame, FrameDecoder, HEADER_BYTES } from '../../src/wire/framing.js'
import * as greeting from '../../src/wire/greeting.js'
import * as link from '../../src/wire/link-frames.js'
import * as session from '../../src/wire/session-frames.js'

interface Vector {
  readonly name: string
  readonly hex: string
  readonly value: unknown
}

interface BodyVector extends Vector {
  readonly part: 'body' | 'answer'
}

interface FrameCodec {
  encode(value: never): Uint8Array
  decode(body: Uint8Array): unknown
}

const VECTORS: { frames: Vector[]; bodies: BodyVector[]; proofs: Vector[] } = JSON.parse(
  readFileSync(new URL('../../../../docs/protocol/vectors.json', import.meta.url), 'utf8')
)

const OPERATIONS: control.NoticeTable = {
  ...control.CLIENT_REQUESTS,
  ...control.CLIENT_NOTICES,
  ...control.SERVER_REQUESTS,
  ...control.SERVER_NOTICES
}

const FRAMES: Readonly<Record<string, FrameCodec>> = {
  HELLO: { encode: greeting.encodeHello, decode: greeting.decodeHello },
  WELCOME: { encode: greeting.encodeWelcome, decode: greeting.decodeWelcome },
  DENIED: { encode: greeting.encodeDenied, decode: greeting.decodeDenied },
  PING: { encode: ({ id }: Id) => link.encodePing(FRAME.PING, id), decode: (body) => ({ id: link.decodePing(body) }) },
  PONG: { encode: ({ id }: Id) => link.encodePing(FRAME.PONG, id), decode: (body) => ({ id: link.decodePing(body) }) },
  ACK: {
    encode: ({ received }: { received: number }) => link.encodeAck(received),
    decode: (body) => ({ received: link.decodeAck(body) })
  },
  GOODBYE: {
    encode: ({ error }: { error: SentError }) => link.encodeGoodbye(error),
    decode: (body) => ({ error: link.decodeGoodbye(body) })
  },
  REQUEST: {
    encode: ({ id, op, body }: session.RequestFrame) => session.encodeRequest(id, op, body),
    decode: session.decodeRequest
  },
  RESPONSE: { encode: encodeResponse, decode: decodeResponse },
  NOTIFY: {
    encode: ({ op, body }: { op: number; body: Uint8Array }) => session.encodeNotify(op, body),
    decode: session.decodeNotify
  },
  STREAM_OPEN: {
    encode: ({ stream, window, meta }: { stream: number; window: number; meta: Uint8Array }) =>
      session.encodeOpen(stream, window, meta),
    decode: session.decodeOpen
  },
  STREAM_DATA: {
    encode: ({ stream, payload }: { stream: number; payload: Uint8Array }) =>
      Buffer.concat([session.encodeDataHeader(stream, payload.byteLength, 0), payload]),
    decode: session.decodeData
  },
  STREAM_CREDIT: {
    encode: ({ stream, credit }: { stream: number; credit: number }) => session.encodeCredit(stream, credit),
    decode: session.decodeCredit
  },
  STREAM_END: {
    encode: ({ stream }: { stream: number }) => session.encodeEnd(stream),
    decode: (body) => ({ stream: session.decodeEnd(body) })
  },
  STREAM_RESET: {
    encode: ({ stream, error }: { stream: number; error: SentError }) => session.encodeReset(stream, error),
    decode: session.decodeReset
  }
}

interface Id {
  readonly id: number
}

interface SentError {
  readonly code: string
  readonly message: string
}

describe('frames', () => {
  test.each(VECTORS.frames)('$name $hex', ({ name, hex, value }) => {
    const codec = FRAMES[name] as FrameCodec
    expect(toHex(codec.encode(fromJson(value) as never))).toBe(hex)
    const frames: [type: number, body: Uint8Array][] = []
    new FrameDecoder(65536, (type, body) => frames.push([type, body])).push(Buffer.from(hex, 'hex'))
    const [type, body] = frames[0] ?? [0, new Uint8Array()]
    expect(type).toBe(FRAME[name as keyof typeof FRAME])
    expect(toJson(codec.decode(body))).toEqual(value)
    expect(toHex(encodeFrame(type, body))).toBe(hex)
    expect(hex.length / 2).toBe(HEADER_BYTES + body.byteLength)
  })

  test('there is a vector for every type', () => {
    expect(new Set(VECTORS.frames.map(({ name }) => name))).toEqual(new Set(Object.keys(FRAME)))
  })
})

describe('bodies', () => {
  test.each(VECTORS.bodies)('$part of $name $hex', ({ name, part, hex, value }) => {
    const codec = codecOf(name, part)
    expect(toHex(codec.encode(fromJson(value)))).toBe(hex)
    expect(toJson(codec.decode(Buffer.from(hex, 'hex')))).toEqual(value)
  })

  test('there is a vector for every operation and every answer that has one', () => {
    const wanted = Object.entries(OPERATIONS).flatMap(([name, operation]) => {
      const hasAnswer = 'answer' in operation && operation.answer !== control.emptyBody
      return hasAnswer ? [`body of ${name}`, `answer of ${name}`] : [`body of ${name}`]
    })
    expect(new Set(VECTORS.bodies.map(({ name, part }) => `${part} of ${name}`))).toEqual(new Set(wanted))
  })
})

test.each(VECTORS.proofs)('$name', ({ hex, value }) => {
  const { serverNonce, publicKey, ...binding } = fromJson(value) as Required<control.ListenBinding> & {
    serverNonce: Uint8Array
    publicKey: Uint8Array
  }
  expect(toHex(control.listenProofMessage(serverNonce, publicKey, binding))).toBe(hex)
})

function codecOf(name: string, part: 'body' | 'answer'): control.BodyCodec<unknown> {
  const operation = OPERATIONS[name]
  if (operation === undefined) throw new Error(`there is no operation ${name}`)
  return (operation as control.RequestOperation)[part]
}

function encodeResponse(value: { id: number; body?: Uint8Array; error?: SentError }): Uint8Array {
  if (value.error !== undefined) return session.encodeErrorResponse(value.id, value.error)
  return session.encodeResponse(value.id, value.body ?? new Uint8Array())
}

function decodeResponse(bytes: Uint8Array): unknown {
  const { id, result } = session.decodeResponse(bytes)
  return result instanceof Error ? { id, error: result } : { id, body: result }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Bytes are `{ "hex": "..." }` in the file. */
function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value !== 'object' || value === null) return value
  const { hex } = value as { hex?: string }
  if (hex !== undefined) return new Uint8Array(Buffer.from(hex, 'hex'))
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fromJson(part)]))
}

function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: toHex(value) }
  if (value instanceof Error) return { code: (value as Error & SentError).code, message: value.message }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toJson(part)]))
}
