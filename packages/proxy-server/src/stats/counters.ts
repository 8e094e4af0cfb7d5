import { trace } from '@swarmway/runtime'
import type { ServerLimits } from '../limits.js'

/** Running totals of a server. */
export class Counters {
  sessionsOpened = 0
  sessionsResumed = 0
  sessionsExpired = 0
  lookupsMade = 0
  lookupsShared = 0
  announces = 0
  streamsOpened = 0
  splices = 0
  dhtConnections = 0
  bytesIn = 0
  bytesOut = 0
  directConnections = 0
  directBytes = 0
  readonly denied: Record<string, number> = {}
  readonly resets: Record<string, number> = {}
  readonly limitHits: Partial<Record<keyof ServerLimits, number>> = {}

  /** Counts a link that was denied. */
  countDenied(code: string): void {
    count(this.denied, code)
  }

  /** Counts a stream that ended with an error. */
  countReset(code: string): void {
    count(this.resets, code)
  }

  /** Counts a refusal by a limit. */
  countLimitHit(name: keyof ServerLimits): void {
    trace.server?.('limit', { limit: name })
    this.limitHits[name] = (this.limitHits[name] ?? 0) + 1
  }
}

/** Clients can make up codes: this many are counted separately, all others as OTHER. */
const MAX_CODES = 64

/** Adds one to `counts[code]`. */
export function count(counts: Record<string, number>, code: string): void {
  const isKnown = Object.hasOwn(counts, code) || Object.keys(counts).length < MAX_CODES
  const key = isKnown ? code : 'OTHER'
  counts[key] = (counts[key] ?? 0) + 1
}
