import { randomBytes } from 'node:crypto'
import {
  CLIENT_NOTICE,
  CLIENT_REQUEST,
  connectBody,
  DEFAULT_LIMITS,
  encodeFrame,
  encodeHello,
  FRAME,
  idBody,
  keyBody,
  listenBody,
  mutableGetBody,
  queryBody,
  unannounceBody
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'

/** Numbers from 0 up to `below`. */
type Random = (below: number) => number

const LIMITS = { maxStreams: 100, maxRequests: 100, requestsPerSecond: 1000, maxBodyBytes: 65_536 }
/** Valid frames for each that is mutated, noise or misplaced. Most must be valid, as one bad frame ends a link. */
const VALID_SHARE = { length: 12 }
const FRAME_TYPES = Object.values(FRAME)

/** Frames of a client that knows the protocol and follows it when it likes. */
export class FrameMaker {
  readonly #random: Random
  #requestId = 0
  #streamId = 1

  constructor(random: Random) {
    this.#random = random
  }

  /**
   * What one link sends: `first`, before it waits for an answer, is mostly just a greeting; `rest` is frames of all
   * kinds.
   */
  link(count: number): { first: Uint8Array[]; rest: Uint8Array[] } {
    this.#requestId = 0
    this.#streamId = 1
    const frames = Array.from({ length: count }, () => this.#next())
    const way = this.#random(10)
    if (way === 0) return { first: frames, rest: [] }
    if (way === 1) return { first: shuffled([this.#hello(), ...frames], this.#random), rest: [] }
    return { first: [this.#hello()], rest: this.#random(3) === 0 ? shuffled(frames, this.#random) : frames }
  }

  #next(): Uint8Array {
    const { length } = VALID_SHARE
    const makers = [...Array.from({ length }, () => this.#valid), this.#mutated, this.#noise, this.#misplaced]
    if (this.#random(40) === 0) return this.#oversized()
    return (makers[this.#random(makers.length)] ?? this.#valid).call(this)
  }

  #hello(): Uint8Array {
    const resume = { sessionId: randomBytes(16), resumeToken: randomBytes(32), received: this.#random(100) }
    const isResume = this.#random(8) === 0
    const auth = randomBytes(this.#random(100))
    return encodeHello({ limits: LIMITS, userAgent: 'fuzz', auth, ...(isResume && { resume }) })
  }

  /** A frame that an honest client might send. */
  #valid(): Uint8Array {
    const kind = this.#random(8)
    if (kind === 0) return encodeFrame(FRAME.PING, u32(this.#random(1000)))
    if (kind === 1) return encodeFrame(FRAME.ACK, u64(0))
    if (kind < 4) return this.#notify()
    return this.#request()
  }

  #request(): Uint8Array {
    const [key, other, bytes] = [randomBytes(32), randomBytes(32), randomBytes(64)]
    const id = this.#random(0xffffffff)
    const [op, body] = this.#pick<[number, Uint8Array]>([
      [CLIENT_REQUEST.LISTEN, listenBody.encode({ publicKey: key, proof: bytes })],
      [CLIENT_REQUEST.UNLISTEN, keyBody.encode(key)],
      [CLIENT_REQUEST.QUERY, queryBody.encode({ queryId: id, kind: 0, topic: key, publicKey: null })],
      [CLIENT_REQUEST.QUERY, queryBody.encode({ queryId: id, kind: 1, topic: key, publicKey: other })],
      [CLIENT_REQUEST.UNANNOUNCE, unannounceBody.encode({ topic: key, publicKey: other })],
      [CLIENT_REQUEST.CONNECT, connectBody.encode({ dialId: id, publicKey: key, addresses: [] })],
      [CLIENT_REQUEST.FIND_PEER, keyBody.encode(key)],
      [CLIENT_REQUEST.MUTABLE_GET, mutableGetBody.encode({ publicKey: key, seq: id, latest: true })],
      [this.#random(65_536), bytes]
    ])
    this.#requestId += 1 + this.#random(3)
    return encodeFrame(FRAME.REQUEST, b4a.concat([u64(this.#requestId), u16(op), body]))
  }

  #notify(): Uint8Array {
    const [op, body] = this.#pick<[number, Uint8Array]>([
      [CLIENT_NOTICE.QUERY_CANCEL, idBody.encode(this.#random(100))],
      [CLIENT_NOTICE.CONNECT_CANCEL, idBody.encode(this.#random(100))],
      [CLIENT_NOTICE.WATCH, keyBody.encode(randomBytes(32))],
      [CLIENT_NOTICE.UNWATCH, keyBody.encode(randomBytes(32))]
    ])
    return encodeFrame(FRAME.NOTIFY, b4a.concat([u16(op), body]))
  }

  /** A valid frame with bytes changed, missing or added in its body. */
  #mutated(): Uint8Array {
    const frame = this.#valid()
    const [type = 0, body] = [frame[4], b4a.from(frame.subarray(5))]
    const way = this.#random(3)
    if (way === 0) return encodeFrame(type, body.subarray(0, this.#random(body.byteLength + 1)))
    if (way === 1) return encodeFrame(type, b4a.concat([body, randomBytes(1 + this.#random(50))]))
    if (body.byteLength > 0) body[this.#random(body.byteLength)] = this.#random(256)
    return encodeFrame(type, body)
  }

  /** A frame of any type with any bytes, or bytes that are not a frame. */
  #noise(): Uint8Array {
    if (this.#random(3) === 0) return randomBytes(1 + this.#random(100))
    const type = this.#random(2) === 0 ? this.#random(256) : this.#pick(FRAME_TYPES)
    return encodeFrame(type, randomBytes(this.#random(300)))
  }

  /** Well-formed but misplaced: a server's frames, answers to nothing, streams that a client may not open. */
  #misplaced(): Uint8Array {
    const id = this.#random(4) === 0 ? this.#random(10) : this.#streamId
    this.#streamId += 2
    return this.#pick([
      this.#hello(),
      encodeFrame(FRAME.RESPONSE, b4a.concat([u64(this.#random(100)), Uint8Array.of(0), randomBytes(10)])),
      encodeFrame(FRAME.ACK, u64(this.#random(1000))),
      encodeFrame(FRAME.PONG, u32(this.#random(1000))),
      encodeFrame(FRAME.STREAM_OPEN, b4a.concat([u32(id), u32(this.#random(0x7fffffff)), randomBytes(5)])),
      encodeFrame(FRAME.STREAM_DATA, b4a.concat([u32(id), randomBytes(this.#random(1000))])),
      encodeFrame(FRAME.STREAM_CREDIT, b4a.concat([u32(id), u32(this.#random(0xffffffff))])),
      encodeFrame(FRAME.STREAM_END, u32(id)),
      encodeFrame(FRAME.STREAM_RESET, b4a.concat([u32(id), u16(this.#random(30)), u16(0)])),
      encodeFrame(FRAME.GOODBYE, b4a.concat([u16(this.#random(30)), u16(0)]))
    ])
  }

  /** A frame that claims a length beyond the limit, up to 4 GiB, or zero. */
  #oversized(): Uint8Array {
    const length = this.#pick([0, DEFAULT_LIMITS.maxFrameBytes + 1, 0xffffffff])
    return b4a.concat([u32(length), randomBytes(this.#random(1000))])
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#random(choices.length)] as T
  }
}

function shuffled<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random(i + 1)
    const item = items[i] as T
    items[i] = items[j] as T
    items[j] = item
  }
  return items
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8)
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)
}

function u64(value: number): Uint8Array {
  return b4a.concat([u32(value), u32(0)])
}
