/**
 * The wire of the Swarmway proxy: framing over any duplex, links, resumable sessions, flow-controlled streams. Knows
 * nothing about DHTs and sockets, and runs in a browser.
 *
 * @module
 */
export { type Clock, type MonotonicMs, monotonicMs, printable, RateLimit, systemClock } from '@swarmway/runtime'
export * from './control/index.js'
export * from './errors.js'
export { DEFAULT_LIMITS, INITIAL_CREDIT_BYTES, MAX_CHUNK_BYTES, type ProtocolLimits, verifyLimits } from './limits.js'
export type { DuplexLike } from './link/duplex.js'
export { Link } from './link/link.js'
export type { InputPace, LinkHandler, LinkOptions } from './link/link-types.js'
export type { RequestHandler } from './requests/incoming-requests.js'
export type { AbortSignalLike, RequestOptions } from './requests/outgoing-requests.js'
export { Session } from './session/session.js'
export type { SessionStats } from './session/session-stats.js'
export type { RateFill, SessionOptions } from './session/session-types.js'
export { PeerStream, type PeerStreamEvents } from './streams/peer-stream.js'
export type { ChannelShell, StreamChannel } from './streams/stream-channel.js'
export { MAX_MESSAGE_BYTES, type WireError } from './wire/error-codec.js'
export { FRAME } from './wire/frame-types.js'
export { encodeFrame, FrameDecoder, HEADER_BYTES } from './wire/framing.js'
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
} from './wire/greeting.js'
