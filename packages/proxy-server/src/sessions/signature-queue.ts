import {
  type AnnouncedLimits,
  type Clock,
  type ProxyError,
  RateLimit,
  type RequestOptions,
  type RequestSender
} from '@swarmway/proxy-protocol'

/** The most signatures requested at once, whatever the client allows. */
const MAX_SIGNATURES = 128
/** Milliseconds between two checks of the queue while the rate is used up. */
const RATE_WAIT_MS = 20

interface Waiting {
  readonly run: () => Promise<unknown>
  readonly fail: (error: unknown) => void
}

/**
 * Requests signatures from a client; an announcement needs dozens. The session respects the client's announced
 * limits, first come, first served. Signatures take at most half of them, so that the handshakes of connections,
 * which are requested directly, do not wait behind signatures.
 */
export class SignatureQueue implements RequestSender {
  readonly #client: RequestSender
  readonly #clock: Clock
  readonly #rate: RateLimit
  readonly #maxInFlight: number
  readonly #waiting: Waiting[] = []
  #inFlight = 0
  #timer: unknown = null

  /** `limits` are the client's. */
  constructor(client: RequestSender, limits: AnnouncedLimits, clock: Clock) {
    this.#client = client
    this.#clock = clock
    this.#rate = new RateLimit(Math.max(1, limits.requestsPerSecond >> 1), clock)
    this.#maxInFlight = Math.max(1, Math.min(MAX_SIGNATURES, limits.maxRequests >> 1))
  }

  /** Like the client's `request`, once its turn comes; the deadline starts then. */
  request(op: number, body: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const run = () => this.#client.request(op, body, options).then(resolve, reject)
      this.#waiting.push({ run, fail: reject })
      this.#pump()
    })
  }

  onUnreadable(error: ProxyError): void {
    this.#client.onUnreadable?.(error)
  }

  /** Rejects everything that waits. */
  destroy(error: Error): void {
    this.#clock.clearTimeout(this.#timer)
    for (const { fail } of this.#waiting.splice(0)) fail(error)
  }

  #pump(): void {
    while (this.#inFlight < this.#maxInFlight && this.#waiting.length > 0) {
      if (!this.#rate.take()) {
        this.#waitForRate()
        return
      }
      const next = this.#waiting.shift()
      if (next !== undefined) void this.#run(next)
    }
  }

  async #run(next: Waiting): Promise<void> {
    this.#inFlight++
    await next.run()
    this.#inFlight--
    this.#pump()
  }

  #waitForRate(): void {
    if (this.#timer !== null) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null
      this.#pump()
    }, RATE_WAIT_MS)
  }
}
