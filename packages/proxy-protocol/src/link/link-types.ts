import type { Clock } from '@swarmway/runtime'
import type { ProxyError } from '../errors.js'
import type { ProtocolLimits } from '../limits.js'

/** Decides how fast links are read, in units of the work that a ping takes. */
export interface InputPace {
  /** This much of the link's input was handled. Returns whether it may be read further now. */
  take(cost: number): boolean
  /** Calls back once, when the link may be read again. */
  wait(onTurn: () => void): void
  /** The link is over, and waits no longer. Called once. */
  end(): void
}

/** Options of a `Link`. */
export interface LinkOptions {
  /** Overrides of the defaults; a link uses the frame limit, high-water mark, ping and linger settings. */
  limits?: Partial<ProtocolLimits>
  /** Clock; default the platform's. */
  clock?: Clock
  /**
   * Whether this side pings in every interval, so that reverse proxies see something in both directions; default false: it
   * pings only when nothing arrives. One of the two sides is enough: the client.
   */
  keepsAlive?: boolean
  /** Bytes that are written as soon as they are collected, without waiting for the end of the turn. Default: 64 KiB. */
  flushBytes?: number
  /** Makes the other end wait, by back-pressure, if it sends more than that. Default: it is read as fast as it sends. */
  pace?: InputPace
}

/** Handles a link's frames. Replaceable at any time (`link.handler`). */
export interface LinkHandler {
  /** A frame other than PING, PONG and GOODBYE. The body is a view of a chunk. An exception ends the link. */
  onFrame(type: number, body: Uint8Array): void
  /** The link can take more. */
  onDrain?(): void
  /** The last ping was answered; `rttMs` of the link is up to date. */
  onPong?(): void
  /** The link is over; called once. An exception stays uncaught. */
  onClose?(error: ProxyError): void
}
