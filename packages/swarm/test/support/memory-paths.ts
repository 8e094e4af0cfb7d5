import { Duplex } from 'streamx'
import { type Clock, systemClock } from '../../../runtime/src/index.js'
import { FRAME_KIND, type FrameKind } from '../../src/paths/frame-reader.js'
import { PathStream } from '../../src/paths/path-stream.js'
import type { PathTransport, TransportListener } from '../../src/paths/path-transport.js'
import type { HandshakeSecrets } from '../../src/paths/seal.js'
import type { RawDuplex } from '../../src/paths/stream-transport.js'

/** The secrets of the two ends of a handshake. */
export function secretsPair(seed = 1): [HandshakeSecrets, HandshakeSecrets] {
  const one = new Uint8Array(32).fill(seed)
  const other = new Uint8Array(32).fill(seed + 100)
  return [
    { tx: one, rx: other },
    { tx: other, rx: one }
  ]
}

/** What happens to bytes on their way, per chunk: what arrives instead. */
export type Tamper = (bytes: Uint8Array) => Uint8Array[]

/** One end of a stream in memory, which stands for a proxied stream. */
export class MemoryRaw extends Duplex {
  peer: MemoryRaw | null = null
  /** Lost without a trace from now on. */
  isBlackHole = false
  tamper: Tamper = (bytes) => [bytes]
  #waiting: (() => void) | null = null

  override _write(bytes: Uint8Array, callback: (error: Error | null) => void): void {
    setImmediate(() => {
      if (this.isBlackHole) return callback(null)
      const hasRoom = this.tamper(bytes).map((part) => this.peer?.push(part) ?? true)
      if (hasRoom.includes(false) && this.peer?.destroying === false) this.peer.#waiting = () => callback(null)
      else callback(null)
    })
  }

  override _read(callback: (error: Error | null) => void): void {
    this.#resume()
    callback(null)
  }

  override _final(callback: (error: Error | null) => void): void {
    if (!this.isBlackHole) this.peer?.push(null)
    callback(null)
  }

  override _predestroy(): void {
    this.#resume()
    const { peer } = this
    if (!this.isBlackHole) setImmediate(() => peer?.destroy(new Error('the stream was reset')))
  }

  #resume(): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.()
  }
}

/** Two connected ends. */
export function rawPair(): [MemoryRaw, MemoryRaw] {
  const [one, other] = [new MemoryRaw(), new MemoryRaw()]
  one.peer = other
  other.peer = one
  for (const raw of [one, other]) raw.on('error', () => {})
  return [one, other]
}

/** A raw stream as a path stream takes it. */
export function asRaw(raw: MemoryRaw): RawDuplex {
  return raw as unknown as RawDuplex
}

type Message = { readonly kind: 'data' | 'control'; readonly bytes: Uint8Array } | { readonly kind: 'closed' }

/** One end of a path in memory, which stands for a data channel. */
export class MemoryPath implements PathTransport {
  readonly maxDataBytes: number
  peer: MemoryPath | null = null
  isBlackHole = false
  isOver = false
  listener: TransportListener | null = null
  #queue: Message[] = []
  #isRunning = false
  #maxQueued: number
  /** How many messages one turn of the event loop delivers. */
  #perTurn: () => number

  constructor(maxDataBytes = 1000, maxQueued = 8, perTurn = () => 4) {
    this.maxDataBytes = maxDataBytes
    this.#maxQueued = maxQueued
    this.#perTurn = perTurn
  }

  get isWritable(): boolean {
    return this.#queue.length < this.#maxQueued
  }

  /** Whether everything has been delivered. */
  get isIdle(): boolean {
    return this.#queue.length === 0
  }

  listen(listener: TransportListener): void {
    this.listener = listener
  }

  send(kind: FrameKind, parts: readonly Uint8Array[]): number {
    if (kind === FRAME_KIND.data) return this.sendData(parts)
    for (const sealed of parts) this.sendControl(sealed)
    return 0
  }

  sendData(parts: readonly Uint8Array[]): number {
    const bytes = new Uint8Array(Buffer.concat(parts))
    this.#send({ kind: 'data', bytes })
    return bytes.byteLength
  }

  sendControl(bytes: Uint8Array): void {
    this.#send({ kind: 'control', bytes })
  }

  end(): void {
    this.#send({ kind: 'closed' })
  }

  destroy(): void {
    if (this.isOver) return
    this.isOver = true
    this.#queue = []
    if (!this.isBlackHole) setImmediate(() => this.peer?.close())
  }

  /** The other end is gone. */
  close(): void {
    if (this.isOver) return
    this.isOver = true
    this.listener?.onClosed(null)
  }

  #send(message: Message): void {
    if (this.isOver) return
    this.#queue.push(message)
    if (!this.#isRunning) setImmediate(() => this.#deliver())
    this.#isRunning = true
  }

  #deliver(): void {
    this.#isRunning = false
    if (this.isOver || this.isBlackHole) return
    const wasWritable = this.isWritable
    for (const message of this.#queue.splice(0, this.#perTurn())) this.#pass(message)
    if (this.#queue.length > 0 && !this.#isRunning) {
      this.#isRunning = true
      setImmediate(() => this.#deliver())
    }
    if (!wasWritable && this.isWritable && !this.isOver) this.listener?.onWritable()
  }

  #pass(message: Message): void {
    const { peer } = this
    if (message.kind === 'closed') this.close()
    if (peer === null || peer.isOver) return
    if (message.kind === 'closed') peer.close()
    else if (message.kind === 'data') peer.listener?.onData(message.bytes)
    else peer.listener?.onControl(message.bytes)
  }
}

/** Two connected ends. */
export function pathPair(...options: ConstructorParameters<typeof MemoryPath>): [MemoryPath, MemoryPath] {
  const [one, other] = [new MemoryPath(...options), new MemoryPath(...options)]
  one.peer = other
  other.peer = one
  return [one, other]
}

/** The two ends of a connection, and the streams that it began with. */
export interface PathStreams {
  readonly ends: [PathStream, PathStream]
  readonly rawStreams: [MemoryRaw, MemoryRaw]
  readonly secrets: [HandshakeSecrets, HandshakeSecrets]
}

/** A connection in memory between two ends with paths. */
export function pathStreams(clock: Clock = systemClock, seed?: number): PathStreams {
  const rawStreams = rawPair()
  const secrets = secretsPair(seed)
  const one = new PathStream(asRaw(rawStreams[0]), { secrets: secrets[0], clock })
  const other = new PathStream(asRaw(rawStreams[1]), { secrets: secrets[1], clock })
  return { rawStreams, secrets, ends: [one, other] }
}

/** Gives both ends a further path. */
export function addPath({ ends }: PathStreams, id: number, pair = pathPair()): [MemoryPath, MemoryPath] {
  ends[0].addPath(id, pair[0])
  ends[1].addPath(id, pair[1])
  return pair
}
