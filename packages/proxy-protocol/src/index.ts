/**
 * The wire of the Swarmway proxy: framing over any duplex, links, resumable sessions, flow-controlled streams. Knows
 * nothing of DHTs and sockets and runs in a browser.
 *
 * @module
 */
export { type Clock, type MonotonicMs, monotonicMs, RateLimit, systemClock } from '@swarmway/runtime'
export { MAX_MESSAGE_BYTES, type WireError } from './codec-error.js'
export {
  type AnnouncedLimits,
  type Denied,
  decodeDenied,
  decodeHello,
  decodeWelcome,
  encodeDenied,
  encodeHello,
  encodeWelcome,
  type Hello,
  MAX_AUTH_BYTES,
  MAX_USER_AGENT_BYTES,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  RESUME_TOKEN_BYTES,
  type ResumeClaim,
  SESSION_ID_BYTES,
  type Welcome
} from './codec-greeting.js'
export * from './control/index.js'
export type { DuplexLike } from './duplex.js'
export * from './errors.js'
export { FRAME } from './frame-types.js'
export { encodeFrame, FrameDecoder, HEADER_BYTES } from './framing.js'
export { DEFAULT_LIMITS, INITIAL_CREDIT_BYTES, MAX_CHUNK_BYTES, type ProtocolLimits, verifyLimits } from './limits.js'
export { Link } from './link.js'
export type { LinkHandler, LinkOptions } from './link-types.js'
export { PeerStream, type PeerStreamEvents } from './peer-stream.js'
export { printable } from './printable.js'
export type { RequestHandler } from './requests-in.js'
export type { AbortSignalLike, RequestOptions } from './requests-out.js'
export { Session } from './session.js'
export type { SessionStats } from './session-stats.js'
export type { SessionOptions } from './session-types.js'
