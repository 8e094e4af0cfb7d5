import type { Clock } from '@swarmway/runtime'
import type { ProxyError } from '../errors.js'
import type { ProtocolLimits } from '../limits.js'
import type { RequestHandler } from '../requests/incoming-requests.js'
import type { PeerStream } from '../streams/peer-stream.js'
import type { ChannelShell, StreamChannel } from '../streams/stream-channel.js'

/** What is left of the bursts that a peer may send, each from 1 (all of it) down to 0; after a second it is 1 again. */
export interface RateFill {
  /** Of `requestsPerSecond`. */
  readonly requests: number
  /** Of `notifiesPerSecond`. */
  readonly notifications: number
  /** Of `streamsPerSecond`. */
  readonly streams: number
}

/** Everything is left, as for a new peer. */
export const FULL_RATES: RateFill = Object.freeze({ requests: 1, notifications: 1, streams: 1 })

/** Options of a `Session`. */
export interface SessionOptions {
  /** True on exactly one side: the client's. */
  isInitiator: boolean
  /** Names the session, its links and its streams in traces: a number or a short word. Default: null, no name. */
  label?: string | number | null
  /** Overrides of the defaults. */
  limits?: Partial<ProtocolLimits>
  /** Clock; default the platform's. */
  clock?: Clock
  /** Continues the rates of an earlier session of the same peer, so that a new one brings no new burst. Default: full. */
  rateFill?: RateFill | undefined
  /** Answers requests; default: refuses all with `NOT_FOUND`. The handler may keep the body. */
  onRequest?: RequestHandler
  /** Handles notifications; default: drops them. The handler may keep the body. An exception ends the session. */
  onNotify?: (op: number, body: Uint8Array) => void
  /** Handles streams that the peer opens; an exception resets the stream. Default: resets all with `NOT_FOUND`. */
  onStream?: (stream: PeerStream) => void
  /**
   * The peer owes an acknowledgement, and nothing has arrived for a second: the link may be dead. Called again every second
   * as long as that is so. Default: nothing is watched.
   */
  onOverdue?: () => void
  /**
   * Handles streams that the peer opens for code that passes on what arrives: returns the shell of the channel, or throws
   * to reset the stream. Such a stream takes a quarter of the memory of a PeerStream. Default: `onStream` is called.
   */
  onChannel?: (channel: StreamChannel, meta: Uint8Array) => ChannelShell
  /**
   * The link is gone and the session waits for another. Not called by `detach` or `destroy`. An exception stays
   * uncaught.
   */
  onDetach?: (error: ProxyError) => void
  /**
   * The session is over, by `destroy`, by the peer's GOODBYE (`error.remote`) or by a violation. Called once. An
   * exception stays uncaught.
   */
  onClose?: (error: ProxyError) => void
}
