import type { Clock } from '@swarmway/runtime'
import { RateLimit } from '@swarmway/runtime'
import type { FrameOwner } from '../delivery/frame-log.js'
import type { FrameOutlet } from '../delivery/frame-sender.js'
import { limitReached, type ProxyError, protocolError, rateLimited, toProxyError, withoutStack } from '../errors.js'
import type { ProtocolLimits } from '../limits.js'
import { copyOf } from '../wire/bytes.js'
import { decodeRequest, encodeErrorResponse, encodeResponse, type RequestFrame } from '../wire/session-frames.js'

/** Answers a request. Exceptions reach the peer: a `ProxyError` unchanged, anything else as `INTERNAL`. */
export type RequestHandler = (op: number, body: Uint8Array) => Uint8Array | Promise<Uint8Array>

/**
 * Requests of the peer. A request counts as in flight until its response is acknowledged: a peer that sends requests
 * and never acknowledges hits the limit instead of filling our memory with responses.
 */
export class IncomingRequests implements FrameOwner {
  /** Requests answered with a result or an error of the handler. */
  answered = 0
  /** Requests refused by a limit. */
  refused = 0
  readonly #limits: ProtocolLimits
  readonly #clock: Clock
  /** Null as long as it is full. */
  #rate: RateLimit | null
  readonly #handler: RequestHandler
  readonly #outlet: FrameOutlet
  #lastId = 0
  #inFlight = 0

  /** Starts without requests; of the burst that is allowed, `fill` is left. */
  constructor(handler: RequestHandler, outlet: FrameOutlet, limits: ProtocolLimits, clock: Clock, fill = 1) {
    this.#handler = handler
    this.#outlet = outlet
    this.#limits = limits
    this.#clock = clock
    this.#rate = fill < 1 ? this.#newRate(fill) : null
  }

  /** What is left of the burst that is allowed, 1 at most. */
  get rateFill(): number {
    return this.#rate?.fill ?? 1
  }

  /** Number of requests being handled, or answered and not acknowledged. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Handles a REQUEST. @throws ProxyError `PROTOCOL_ERROR` */
  onRequest(bytes: Uint8Array): void {
    const request = decodeRequest(bytes)
    if (request.id <= this.#lastId) throw protocolError(`request id ${request.id} is not new`)
    this.#lastId = request.id
    const refusal = this.#refusal(request)
    if (refusal === null) {
      this.#inFlight++
      void this.#answer(request.id, request.op, copyOf(request.body))
    } else {
      this.refused++
      this.#outlet.append(encodeErrorResponse(request.id, refusal))
    }
  }

  /** From the frame log: a response has arrived. */
  onAcked(): void {
    this.#inFlight--
  }

  /** From the frame log: the session is over. */
  onLost(): void {
    this.#inFlight = 0
  }

  #refusal(request: RequestFrame): ProxyError | null {
    const { maxRequests, maxBodyBytes, requestsPerSecond } = this.#limits
    this.#rate ??= this.#newRate(1)
    if (!this.#rate.take()) return rateLimited('requests', requestsPerSecond)
    if (this.#inFlight >= maxRequests) return limitReached('requests in flight', maxRequests)
    if (request.body.byteLength > maxBodyBytes) return limitReached('bytes of a request', maxBodyBytes)
    return null
  }

  #newRate(fill: number): RateLimit {
    const { requestsPerSecond } = this.#limits
    return new RateLimit(requestsPerSecond, this.#clock, requestsPerSecond, fill)
  }

  async #answer(id: number, op: number, body: Uint8Array): Promise<void> {
    const frame = await this.#work(id, op, body)
    this.answered++
    this.#outlet.append(frame, 'response', this)
  }

  async #work(id: number, op: number, body: Uint8Array): Promise<Uint8Array> {
    try {
      const result = await this.#handler(op, body)
      if (result.byteLength <= this.#limits.maxBodyBytes) return encodeResponse(id, result)
      return encodeErrorResponse(id, limitReached('bytes of a response', this.#limits.maxBodyBytes))
    } catch (error) {
      return encodeErrorResponse(id, toProxyError(error))
    }
  }
}

/** The default handler. */
export function refuseRequest(): never {
  throw withoutStack('NOT_FOUND', 'requests are not answered here')
}
