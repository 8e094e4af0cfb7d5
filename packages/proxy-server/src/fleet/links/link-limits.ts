import { type ProtocolLimits, verifyLimits } from '@swarmway/proxy-protocol'

/** Limits of a session between two servers, which carries what their clients do. The clients have limits of their own. */
export const LINK_LIMITS: ProtocolLimits = verifyLimits({
  maxStreams: 65_536,
  streamsPerSecond: 20_000,
  maxRequests: 4096,
  requestsPerSecond: 20_000,
  maxUnackedBytes: 16 * 1024 * 1024,
  maxControlBytes: 8 * 1024 * 1024
})

/** Milliseconds in which a link that was lost may be replaced by another; its streams wait meanwhile. */
export const LINK_GRACE_MS = 10_000

/** A link writes once it has so much. */
export const LINK_FLUSH_BYTES = 256 * 1024
