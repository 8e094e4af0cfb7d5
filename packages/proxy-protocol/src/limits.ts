import { badOption } from '@swarmway/runtime'

/** The largest payload of one STREAM_DATA frame; a rule of the protocol, not an option. */
export const MAX_CHUNK_BYTES = 64 * 1024

/** Bytes that the opening side may send before the accepting side's first STREAM_CREDIT; a rule of the protocol. */
export const INITIAL_CREDIT_BYTES = 64 * 1024

/** Every limit and interval of this package. All have finite defaults; see {@link DEFAULT_LIMITS}. */
export interface ProtocolLimits {
  /**
   * Bytes of a frame, type byte included; default 256 KiB, at least 66 KiB. Checked on the header, so a peer that
   * announces gigabytes cannot make this side buffer them.
   */
  maxFrameBytes: number
  /**
   * Bytes of a frame before the greeting is accepted; default 16 KiB. For servers (`link.maxFrameBytes`): a stranger
   * cannot make one buffer more than this. The link as a whole may send twice as much by then (`link.limitInput`).
   */
  maxGreetingBytes: number
  /**
   * Bytes that a link writes beyond the point where its duplex asks to wait; default 128 KiB. Higher gains little
   * and delays control frames behind data; 0 waits for every drain.
   */
  linkHighWaterMark: number
  /**
   * Milliseconds between two checks that a link is alive; default 4500. A client pings at each of them, so a link
   * carries at least a few bytes this often, in both directions.
   */
  pingIntervalMs: number
  /**
   * Consecutive checks without new bytes after which a link counts as black-holed; default 2. Silence is noticed
   * within `pingIntervalMs * (pingMisses + 1)`, 13.5 s by default. Checks are counted instead of milliseconds, so that
   * a process that was asleep does not blame its links; and checks that are late, because the process stood still, do
   * not count, up to ten in a row.
   */
  pingMisses: number
  /** Milliseconds that a closing link waits for its GOODBYE to be delivered; default 1000. */
  lingerMs: number
  /**
   * Bytes of stream data sent and not yet acknowledged, at most; default 4 MiB, at least 128 KiB. It limits throughput
   * to this many bytes per round trip. A link has about as many on their way as fill it, and they are kept for resuming.
   */
  maxUnackedBytes: number
  /**
   * Bytes of control frames, except responses, that wait to be acknowledged; default 1 MiB. At this bound, this
   * side's new requests, notifications and streams are refused with `BUFFER_LIMIT`. At twice the bound the session is
   * closed; only a peer that provokes replies and acknowledges none gets there.
   */
  maxControlBytes: number
  /** Bytes received after which an acknowledgement is sent at once; default 256 KiB. */
  ackBytes: number
  /** Milliseconds after which an acknowledgement is sent anyway; default 5. */
  ackDelayMs: number
  /**
   * Bytes that one stream sends before the next one gets its turn, at most; default 64 KiB, 16 to 64 KiB. Smaller is
   * fairer, larger is faster. On a slow link turns are shorter, 4 KiB at least.
   */
  chunkBytes: number
  /**
   * Bytes that a peer may send on a stream ahead of the reader, at most; default 4 MiB, at least 64 KiB. A window
   * starts with 256 KiB and grows with what is read in a round trip, so a reader that never reads costs 256 KiB.
   */
  streamWindowBytes: number
  /**
   * Streams that the peer may have open; default 1024. One more is refused with `LIMIT`. Twice as many close the
   * session; an honest peer cannot get there because it was told the limit.
   */
  maxStreams: number
  /** Streams that the peer may open per second; default 500. Excess ones are refused with `RATE_LIMIT`. */
  streamsPerSecond: number
  /** Bytes of the meta block of a STREAM_OPEN; default 4 KiB. Larger ones are refused with `LIMIT`. */
  maxMetaBytes: number
  /**
   * Requests of the peer that are being handled, or are answered and not yet acknowledged; default 256. Excess ones
   * are refused with `LIMIT`. Multiplied by `maxBodyBytes`, this is the most that responses can occupy.
   */
  maxRequests: number
  /** Requests of the peer per second, with a burst of one second's worth; default 1000. Excess: `RATE_LIMIT`. */
  requestsPerSecond: number
  /**
   * Notifications of the peer per second, with the same burst; default 10,000. They cannot be refused, so excess
   * closes the session.
   */
  notifiesPerSecond: number
  /** Bytes of the body of a request, response or notification; default 64 KiB. Larger requests: `LIMIT`. */
  maxBodyBytes: number
  /**
   * Milliseconds until a request without its own timeout rejects with `REQUEST_TIMEOUT`; default 60,000; 0: never.
   */
  requestTimeoutMs: number
}

/** The defaults of every limit. */
export const DEFAULT_LIMITS: Readonly<ProtocolLimits> = Object.freeze({
  maxFrameBytes: 256 * 1024,
  maxGreetingBytes: 16 * 1024,
  linkHighWaterMark: 128 * 1024,
  pingIntervalMs: 4500,
  pingMisses: 2,
  lingerMs: 1000,
  maxUnackedBytes: 4 * 1024 * 1024,
  maxControlBytes: 1024 * 1024,
  ackBytes: 256 * 1024,
  ackDelayMs: 5,
  chunkBytes: MAX_CHUNK_BYTES,
  streamWindowBytes: 4 * 1024 * 1024,
  maxStreams: 1024,
  streamsPerSecond: 500,
  maxMetaBytes: 4 * 1024,
  maxRequests: 256,
  requestsPerSecond: 1000,
  notifiesPerSecond: 10_000,
  maxBodyBytes: 64 * 1024,
  requestTimeoutMs: 60_000
})

const U32 = 0xffffffff
const MAX_TIMER_MS = 0x7fffffff
const MIN_FRAME_BYTES = MAX_CHUNK_BYTES + 2048

/** The allowed range of every option, ends included. */
const RANGES: Readonly<Record<keyof ProtocolLimits, readonly [min: number, max: number]>> = {
  maxFrameBytes: [MIN_FRAME_BYTES, 64 * 1024 * 1024],
  maxGreetingBytes: [1024, 64 * 1024 * 1024],
  linkHighWaterMark: [0, U32],
  pingIntervalMs: [1, MAX_TIMER_MS],
  pingMisses: [1, 1000],
  lingerMs: [1, MAX_TIMER_MS],
  maxUnackedBytes: [2 * MAX_CHUNK_BYTES, U32],
  maxControlBytes: [16 * 1024, U32],
  ackBytes: [1, U32],
  ackDelayMs: [1, MAX_TIMER_MS],
  chunkBytes: [16 * 1024, MAX_CHUNK_BYTES],
  streamWindowBytes: [INITIAL_CREDIT_BYTES, 0x7fffffff],
  maxStreams: [0, U32],
  streamsPerSecond: [1, U32],
  maxMetaBytes: [0, 1024 * 1024],
  maxRequests: [0, U32],
  requestsPerSecond: [1, U32],
  notifiesPerSecond: [1, U32],
  maxBodyBytes: [0, 64 * 1024 * 1024],
  requestTimeoutMs: [0, MAX_TIMER_MS]
}

/** Generous upper bound of the frame bytes around a body or a meta block. */
const FRAME_OVERHEAD_BYTES = 64

/** Frozen limits that were verified before: thousands of sessions and links share one object. */
const verified = new WeakSet<object>()

/**
 * Merges the given limits over the defaults and freezes the result. An object that this function returned before is
 * returned unchanged.
 * @throws TypeError that names an option that is unknown, not an integer or out of range
 */
export function verifyLimits(given: Partial<ProtocolLimits> = {}): Readonly<ProtocolLimits> {
  if (verified.has(given)) return given as ProtocolLimits
  const limits: ProtocolLimits = { ...DEFAULT_LIMITS }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (!isLimitName(name)) throw badOption(`limits.${name} is not a limit`)
    limits[name] = verifyLimit(name, value)
  }
  verifyFit(limits, 'maxBodyBytes')
  verifyFit(limits, 'maxMetaBytes')
  verified.add(Object.freeze(limits))
  return limits
}

function isLimitName(name: string): name is keyof ProtocolLimits {
  return Object.hasOwn(RANGES, name)
}

function verifyLimit(name: keyof ProtocolLimits, value: unknown): number {
  const [min, max] = RANGES[name]
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw badOption(`limits.${name} must be an integer from ${min} to ${max}, not ${String(value)}`)
}

function verifyFit(limits: ProtocolLimits, name: 'maxBodyBytes' | 'maxMetaBytes'): void {
  if (limits[name] + FRAME_OVERHEAD_BYTES <= limits.maxFrameBytes) return
  throw badOption(`limits.${name} does not fit into a frame of limits.maxFrameBytes (${limits.maxFrameBytes})`)
}
