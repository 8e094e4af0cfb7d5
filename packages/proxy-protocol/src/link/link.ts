import { type Clock, callApplication, reasonOf, systemClock, trace } from '@swarmway/runtime'
import b4a from 'b4a'
import {
  destroyed,
  duplexFailed,
  limitReached,
  linkClosed,
  linkTimeout,
  notAProxy,
  type ProxyError,
  toProxyError
} from '../errors.js'
import { type ProtocolLimits, verifyLimits } from '../limits.js'
import { defer } from '../util/timers.js'
import { FRAME } from '../wire/frame-types.js'
import { FrameDecoder } from '../wire/framing.js'
import { decodeGoodbye, decodePing, encodeGoodbye } from '../wire/link-frames.js'
import type { DuplexLike } from './duplex.js'
import { DuplexGuard, type DuplexListeners } from './duplex-guard.js'
import { Heartbeat } from './heartbeat.js'
import { InputValve } from './input-valve.js'
import type { LinkHandler, LinkOptions } from './link-types.js'
import { Pings } from './pings.js'
import { WriteBatch } from './write-batch.js'

/** The default of `flushBytes`. */
const FLUSH_BYTES = 64 * 1024

/** Number of links opened in this process. */
let opened = 0

/**
 * Carries frames over one duplex: batches what is sent in a turn, respects back-pressure, answers pings and notices
 * silence. It ends exactly once, with a `ProxyError`; nothing the duplex does makes it throw.
 */
export class Link {
  /** Receives the frames; without a handler they are dropped. */
  handler: LinkHandler | null
  /** Resolves once, with the reason why the link ended. Never rejects. */
  readonly closed: Promise<ProxyError>
  /** Names the link in traces: links are numbered as they open, in each process. */
  readonly number = ++opened
  /** @internal Names its session in traces; null until there is one. */
  sessionLabel: string | number | null = null
  /** Bytes received. */
  bytesIn = 0
  /** Bytes handed to the duplex. */
  bytesOut = 0
  /** Frames received, of any type. */
  framesIn = 0
  /** Frames sent, of any type. */
  framesOut = 0

  readonly #duplex: DuplexLike
  readonly #limits: ProtocolLimits
  readonly #clock: Clock
  readonly #decoder: FrameDecoder
  readonly #heartbeat: Heartbeat
  readonly #pings: Pings
  readonly #batch = new WriteBatch()
  readonly #guard: DuplexGuard
  readonly #valve: InputValve | null
  readonly #flushBytes: number
  #resolveClosed: (error: ProxyError) => void = ignore
  #error: ProxyError | null = null
  #flushScheduled = false
  #stalled = false
  #sinceStall = 0
  #maxBytesIn = Number.POSITIVE_INFINITY

  /**
   * Takes over the duplex: from now on nothing else may read, write or end it.
   * @throws TypeError for a bad option
   */
  constructor(duplex: DuplexLike, handler: LinkHandler | null = null, options: LinkOptions = {}) {
    this.#duplex = duplex
    this.handler = handler
    this.#limits = verifyLimits(options.limits)
    this.#flushBytes = options.flushBytes ?? FLUSH_BYTES
    this.#clock = options.clock ?? systemClock
    this.#pings = new Pings(this.#clock, (frame) => this.send(frame))
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#decoder = new FrameDecoder(this.#limits.maxFrameBytes, (type, body) => this.#onFrame(type, body))
    this.#valve = options.pace === undefined ? null : new InputValve(duplex, options.pace)
    this.#guard = this.#hold(duplex)
    this.#heartbeat = this.#startHeartbeat(options.keepsAlive === true)
    trace.link?.('open', { link: this.number })
    // It emits nothing any more. The end is reported later, because the caller has not set a handler yet.
    if (duplex.destroyed === true) defer(() => this.#onGone())
  }

  /** The longest frame accepted from now on; lets a server set a lower limit for strangers (`maxGreetingBytes`). */
  get maxFrameBytes(): number {
    return this.#decoder.maxFrameBytes
  }

  set maxFrameBytes(bytes: number) {
    this.#decoder.maxFrameBytes = bytes
  }

  /**
   * The most bytes that the link may have received in total, or null for any number; more ends it with `LIMIT`. For the
   * time in which the other end is a stranger.
   */
  limitInput(maxBytes: number | null): void {
    this.#maxBytesIn = maxBytes ?? Number.POSITIVE_INFINITY
    if (this.#error === null) this.#duplex.limitInput?.(maxBytes)
  }

  /** Why the link ended; `null` while it lives. */
  get error(): ProxyError | null {
    return this.#error
  }

  /** Round trip of the last answered ping in milliseconds; -1 before the first. Without `keepsAlive`, pings go out on idle links only. */
  get rttMs(): number {
    return this.#pings.rttMs
  }

  /** The address of this machine that the duplex uses; `null` if it does not tell. */
  get localAddress(): string | null {
    return this.#duplex.localAddress ?? null
  }

  /** Whether the duplex wants more. When it becomes true again, `onDrain` is called. */
  get writable(): boolean {
    if (this.#error !== null) return false
    return !this.#stalled || this.#sinceStall + this.#batch.bytes < this.#limits.linkHighWaterMark
  }

  /**
   * Queues a frame for the end of this turn, in one piece or as its head and the data of a stream. Never refuses: senders
   * of data check `writable` first. The bytes must not be changed afterwards.
   */
  send(head: Uint8Array, body: Uint8Array | null = null): void {
    this.queue(head, body)
    if (this.#batch.bytes > 0) this.#scheduleFlush()
  }

  /** Like `send`, for callers that call `flush` afterwards. */
  queue(head: Uint8Array, body: Uint8Array | null = null): void {
    if (this.#error !== null) return
    this.framesOut++
    this.#batch.add(head)
    if (body !== null) this.#batch.addPayload(body)
    if (this.#batch.bytes >= this.#flushBytes) this.flush()
  }

  /** Writes what is queued now instead of at the end of the turn. */
  flush(): void {
    if (this.#error !== null || this.#batch.bytes === 0) return
    try {
      this.#duplex.cork?.()
      this.#batch.drain((chunk, isPayload) => this.#write(chunk, isPayload))
      this.#duplex.uncork?.()
    } catch (error) {
      this.destroy(linkClosed('writing to the duplex failed', error))
    }
  }

  /** Pings now, as the link does regularly; not while the duplex asks to wait. The answer sets `rttMs`. */
  ping(): void {
    if (this.writable) this.#pings.ask()
  }

  /**
   * Ends the session explicitly: sends GOODBYE with the error's code and message, then ends the duplex. On this side
   * the link is over at once; the duplex gets `lingerMs` to deliver.
   */
  close(error: ProxyError): void {
    if (this.#error !== null) return
    this.send(encodeGoodbye(error))
    this.flush()
    if (this.#finish(error)) this.#guard.end(this.#limits.lingerMs)
  }

  /** Ends the link without a GOODBYE, as a broken connection would. Repeated calls are fine. */
  destroy(error: ProxyError = destroyed('the link')): void {
    this.#finish(error)
    this.#guard.destroy()
  }

  #hold(duplex: DuplexLike): DuplexGuard {
    const listeners: DuplexListeners = {
      data: (chunk) => this.#onData(chunk),
      drain: () => this.#onDrain(),
      end: () => this.#onEnd(linkClosed('the duplex ended')),
      close: () => this.#onGone()
    }
    const onError = (error: unknown) => this.#onEnd(duplexFailed(error))
    return new DuplexGuard(duplex, this.#clock, listeners, onError)
  }

  #startHeartbeat(pingsAlways: boolean): Heartbeat {
    const { pingIntervalMs, pingMisses } = this.#limits
    const options = { intervalMs: pingIntervalMs, misses: pingMisses, pingsAlways }
    return new Heartbeat(this.#clock, options, (isDead) => {
      if (isDead) this.destroy(linkTimeout(pingIntervalMs * pingMisses))
      else this.ping()
    })
  }

  #onData(chunk: unknown): void {
    if (this.#error !== null) return
    // In Node everything cut from it is then a Buffer, as applications expect from a connection.
    if (chunk instanceof Uint8Array) this.#onBytes(b4a.toBuffer(chunk))
    else this.destroy(linkClosed('the duplex delivered something other than bytes'))
  }

  #onBytes(chunk: Uint8Array): void {
    this.bytesIn += chunk.byteLength
    this.#heartbeat.touch()
    try {
      this.#decoder.push(chunk)
      if (this.bytesIn > this.#maxBytesIn) throw limitReached('bytes of a greeting', this.#maxBytesIn)
    } catch (error) {
      this.#onBadInput(toProxyError(error))
    }
    if (this.#error === null) this.#valve?.onChunk()
  }

  /** Bytes that do not even begin with a frame come from something other than a proxy: an HTTP server, a shell. */
  #onBadInput(error: ProxyError): void {
    const alien = error.code === 'FRAME_TOO_LARGE' && this.framesIn === 0
    this.close(alien ? notAProxy() : error)
  }

  #onFrame(type: number, body: Uint8Array): void {
    this.framesIn++
    this.#valve?.onFrame(type)
    if (type === FRAME.PING) this.#pings.onPing(decodePing(body), this.writable)
    else if (type === FRAME.PONG) this.#onPong(decodePing(body))
    else if (type === FRAME.GOODBYE) this.destroy(decodeGoodbye(body))
    else this.handler?.onFrame(type, body)
  }

  #onPong(id: number): void {
    if (this.#pings.onPong(id)) this.handler?.onPong?.()
  }

  #onDrain(): void {
    if (this.#error !== null) return
    this.#stalled = false
    this.#sinceStall = 0
    this.#pings.onDrain()
    this.handler?.onDrain?.()
  }

  #onEnd(error: ProxyError): void {
    if (this.#error === null) this.destroy(error)
  }

  #onGone(): void {
    this.#onEnd(linkClosed('the duplex closed'))
    this.#guard.release()
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    defer(() => {
      this.#flushScheduled = false
      this.flush()
    })
  }

  #write(chunk: Uint8Array, isPayload: boolean): void {
    if (this.#error !== null) return
    this.bytesOut += chunk.byteLength
    const duplex = this.#duplex
    const more = isPayload && duplex.writePayload !== undefined ? duplex.writePayload(chunk) : duplex.write(chunk)
    if (this.#stalled) this.#sinceStall += chunk.byteLength
    else this.#stalled = more === false
  }

  /** The only place where a link ends. Returns false if it had already ended. */
  #finish(error: ProxyError): boolean {
    if (this.#error !== null) return false
    this.#error = error
    this.#decoder.stop()
    this.#heartbeat.stop()
    this.#valve?.stop()
    this.#resolveClosed(error)
    this.#traceEnd(error)
    const handler = this.handler
    this.handler = null
    callApplication(() => handler?.onClose?.(error), ignore)
    return true
  }

  #traceEnd(error: ProxyError): void {
    const { bytesIn, bytesOut, number: link, sessionLabel: session } = this
    trace.link?.('closed', { link, session, ...reasonOf(error), remote: error.remote, bytesIn, bytesOut })
  }
}

function ignore(): void {}
