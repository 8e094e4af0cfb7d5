import type { Clock } from '@swarmway/runtime'
import { RateLimit } from '@swarmway/runtime'
import { limitReached, rateLimited } from '../errors.js'
import type { ProtocolLimits } from '../limits.js'
import { copyOf } from '../wire/bytes.js'
import { decodeNotify } from '../wire/session-frames.js'

/** Handles a notification. */
export type NotifyHandler = (op: number, body: Uint8Array) => void

/** Notifications of the peer. Without a response they cannot be refused, so excess is a violation. */
export class IncomingNotifications {
  readonly #handler: NotifyHandler | undefined
  readonly #limits: ProtocolLimits
  readonly #clock: Clock
  /** Null as long as it is full. */
  #rate: RateLimit | null

  /**
   * Without a handler, notifications are dropped after the same checks. Of the burst that is allowed, `fill` is left.
   */
  constructor(handler: NotifyHandler | undefined, limits: ProtocolLimits, clock: Clock, fill = 1) {
    this.#handler = handler
    this.#limits = limits
    this.#clock = clock
    this.#rate = fill < 1 ? this.#newRate(fill) : null
  }

  /** What is left of the burst that is allowed, 1 at most. */
  get rateFill(): number {
    return this.#rate?.fill ?? 1
  }

  /** Handles a NOTIFY. @throws ProxyError `RATE_LIMIT`, `LIMIT` or `PROTOCOL_ERROR` */
  onNotify(bytes: Uint8Array): void {
    const { maxBodyBytes, notifiesPerSecond } = this.#limits
    this.#rate ??= this.#newRate(1)
    if (!this.#rate.take()) throw rateLimited('notifications', notifiesPerSecond)
    const { op, body } = decodeNotify(bytes)
    if (body.byteLength > maxBodyBytes) throw limitReached('bytes of a notification', maxBodyBytes)
    this.#handler?.(op, copyOf(body))
  }

  #newRate(fill: number): RateLimit {
    const { notifiesPerSecond } = this.#limits
    return new RateLimit(notifiesPerSecond, this.#clock, notifiesPerSecond, fill)
  }
}
