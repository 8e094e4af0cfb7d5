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
  #rate: RateLimit | null = null

  /** Without a handler, notifications are dropped after the same checks. */
  constructor(handler: NotifyHandler | undefined, limits: ProtocolLimits, clock: Clock) {
    this.#handler = handler
    this.#limits = limits
    this.#clock = clock
  }

  /** Handles a NOTIFY. @throws ProxyError `RATE_LIMIT`, `LIMIT` or `PROTOCOL_ERROR` */
  onNotify(bytes: Uint8Array): void {
    const { maxBodyBytes, notifiesPerSecond } = this.#limits
    this.#rate ??= new RateLimit(notifiesPerSecond, this.#clock)
    if (!this.#rate.take()) throw rateLimited('notifications', notifiesPerSecond)
    const { op, body } = decodeNotify(bytes)
    if (body.byteLength > maxBodyBytes) throw limitReached('bytes of a notification', maxBodyBytes)
    this.#handler?.(op, copyOf(body))
  }
}
