import type { Clock } from '@swarmway/runtime'
import { Fifo, LazyMap, RateLimit, unref } from '@swarmway/runtime'
import type { FrameOutlet } from '../delivery/frame-sender.js'
import { aborted, bufferLimit, ProxyError, protocolError, requestTimeout } from '../errors.js'
import { copyOf } from '../wire/bytes.js'
import type { AnnouncedLimits } from '../wire/greeting.js'
import { decodeResponse, encodeRequest } from '../wire/session-frames.js'

/** The used part of an `AbortSignal`; the platform's satisfies it. */
export interface AbortSignalLike {
  /** Whether it has fired. */
  readonly aborted: boolean
  /** The reason for aborting. */
  readonly reason?: unknown
  /** Adds a listener. */
  addEventListener(event: 'abort', listener: () => void): void
  /** Removes a listener. */
  removeEventListener(event: 'abort', listener: () => void): void
}

/** Options of one request. */
export interface RequestOptions {
  /**
   * Milliseconds until `REQUEST_TIMEOUT`; default the limit `requestTimeoutMs`; 0: never. Time without a link counts
   * too.
   */
  timeoutMs?: number
  /** Rejects with `ABORTED` when it fires. The peer is not told; its response is ignored. */
  signal?: AbortSignalLike
}

interface Pending {
  op: number
  body: Uint8Array
  open: boolean
  resolve(body: Uint8Array): void
  reject(error: ProxyError): void
}

/**
 * We stay below the peer's rate by this factor, because delays in the network make requests arrive closer together
 * than they were sent.
 */
const RATE_SHARE = 0.8

/** Milliseconds between checks whether the rate allows more. */
const PACE_MS = 20

/**
 * Requests that this side has begun, until they are answered or given up. Requests beyond the limits that the peer
 * announced wait here for their turn instead of being refused there.
 */
export class OutgoingRequests {
  readonly #outlet: FrameOutlet
  readonly #clock: Clock
  readonly #maxWaitingBytes: number
  /** Those without a response, each under itself. */
  readonly #open = new LazyMap<Pending, Pending>()
  readonly #sent = new LazyMap<number, Pending>()
  readonly #waiting = new Fifo<Pending>()
  #waitingBytes = 0
  #nextId = 1
  #inFlight = 0
  #maxInFlight = 0
  #perSecond = 0
  #rate: RateLimit | null = null
  #timer: unknown = null

  /**
   * Starts without requests. At most `maxWaitingBytes` of bodies wait for their turn. All wait until the first
   * `setLimits`, because the peer's limits are unknown before the first link.
   */
  constructor(outlet: FrameOutlet, clock: Clock, maxWaitingBytes: number) {
    this.#outlet = outlet
    this.#clock = clock
    this.#maxWaitingBytes = maxWaitingBytes
  }

  /** Number of requests without a response. */
  get size(): number {
    return this.#open.size
  }

  /** Sets the limits that the peer announced; `null` if it announced none. */
  setLimits(limits: AnnouncedLimits | null): void {
    this.#maxInFlight = limits === null ? Number.POSITIVE_INFINITY : Math.max(1, limits.maxRequests)
    this.#perSecond = limits === null ? 0 : Math.max(1, Math.floor(limits.requestsPerSecond * RATE_SHARE))
    this.#advance()
  }

  /**
   * Begins a request.
   * @throws ProxyError `BUFFER_LIMIT` if too much is already waiting
   */
  begin(op: number, body: Uint8Array, timeoutMs: number, signal: AbortSignalLike | undefined): Promise<Uint8Array> {
    if (this.#waitingBytes + body.byteLength > this.#maxWaitingBytes)
      throw bufferLimit('requests', this.#maxWaitingBytes)
    return new Promise((resolve, reject) => {
      const pending = { op, body, open: true, resolve, reject }
      this.#guard(pending, timeoutMs, signal)
      this.#waiting.push(pending)
      this.#waitingBytes += body.byteLength
      this.#advance()
    })
  }

  /**
   * Handles a RESPONSE. A response to a request that was given up is ignored.
   * @throws ProxyError `PROTOCOL_ERROR` for a request that was never sent
   */
  onResponse(bytes: Uint8Array): void {
    const { id, result } = decodeResponse(bytes)
    if (id === 0 || id >= this.#nextId) throw protocolError(`a response to request ${id}, never sent`)
    const pending = this.#sent.get(id)
    if (pending === undefined) return
    this.#sent.delete(id)
    this.#inFlight--
    if (result instanceof ProxyError) pending.reject(result)
    else pending.resolve(copyOf(result))
    this.#advance()
  }

  /** Rejects all requests. */
  destroy(error: ProxyError): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
    this.#waiting.clear()
    this.#sent.clear()
    for (const pending of [...this.#open.values()]) pending.reject(error)
  }

  /** Sends what the limits allow. A request that was given up counts as in flight until the peer has responded. */
  #advance(): void {
    while (this.#inFlight < this.#maxInFlight) {
      const pending = this.#waiting.at(0)
      if (pending === undefined) return
      if (pending.open && !this.#takeRate()) {
        this.#pace()
        return
      }
      this.#waiting.shift()
      this.#waitingBytes -= pending.body.byteLength
      if (pending.open) this.#send(pending)
    }
  }

  #takeRate(): boolean {
    if (this.#perSecond === 0) return true
    if (this.#rate?.perSecond !== this.#perSecond) this.#rate = new RateLimit(this.#perSecond, this.#clock)
    return this.#rate.take()
  }

  #send(pending: Pending): void {
    const id = this.#nextId++
    this.#inFlight++
    this.#sent.set(id, pending)
    this.#outlet.append(encodeRequest(id, pending.op, pending.body))
  }

  #pace(): void {
    if (this.#timer !== null) return
    const onTimer = (): void => {
      this.#timer = null
      this.#advance()
    }
    this.#timer = unref(this.#clock.setTimeout(onTimer, PACE_MS))
  }

  /** Makes `resolve` and `reject` settle only once, and sets up the timeout and the abort signal. */
  #guard(pending: Pending, timeoutMs: number, signal: AbortSignalLike | undefined): void {
    const clock = this.#clock
    const { resolve, reject } = pending
    const onAbort = (): void => pending.reject(aborted(signal?.reason))
    const onTimeout = (): void => pending.reject(requestTimeout(timeoutMs))
    const timer = timeoutMs > 0 ? clock.setTimeout(onTimeout, timeoutMs) : null
    const settle = (): boolean => {
      if (!pending.open) return false
      pending.open = false
      if (timer !== null) clock.clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      return this.#open.delete(pending)
    }
    pending.resolve = (body) => settle() && resolve(body)
    pending.reject = (error) => settle() && reject(error)
    this.#open.set(pending, pending)
    signal?.addEventListener('abort', onAbort)
  }
}
