import type { EpochMs, MonotonicMs } from '@swarmway/swarm/core'
import type { Counts, Snapshot } from '../figures/snapshot.js'

const MINUTE_MS = 60_000

/** One moment of a plot. */
export interface Point {
  /** Milliseconds since 1970. */
  at: number
  /** Sessions. */
  clients: number
  /** Open connections between a client and a peer on UDP. */
  nativeStreams: number
  /** Open connections between two clients. */
  splicedStreams: number
  /** Bytes per second from clients, since the previous point. */
  inPerSecond: number
  /** Bytes per second to clients, since the previous point. */
  outPerSecond: number
  /** Bytes that wait in streams. */
  bufferedBytes: number
  /** Memory of the processes. */
  rssBytes: number
  /** Longest time that the event loop was blocked since the previous point. */
  loopDelayMs: number
  /** Refusals since the previous point. */
  refusals: number
  /** Resets since the previous point. */
  resets: number
}

/** Refusals and resets of the last minute, by reason; counts of 0 are left out. */
export interface LastMinute {
  /** See `Snapshot`. */
  refusals: Counts
  /** See `Snapshot`. */
  resets: Counts
}

/** A snapshot with its date, which the plots show, and its monotonic time, from which rates are calculated. */
interface Taken {
  readonly at: EpochMs
  readonly takenAt: MonotonicMs
  readonly snapshot: Snapshot
}

/** A bounded number of the latest points, and the counts of the last minute. */
export class History {
  readonly #maxPoints: number
  readonly #points: Point[] = []
  /** The snapshots of the last minute, and one before them. */
  readonly #recent: Taken[] = []

  constructor(maxPoints: number) {
    this.#maxPoints = maxPoints
  }

  /** The newest snapshot; null before the first. */
  get latest(): Snapshot | null {
    return this.#recent.at(-1)?.snapshot ?? null
  }

  /** Adds a snapshot. The first one makes no point, because a point needs an earlier one to compare with. */
  add(taken: Taken): void {
    const before = this.#recent.at(-1)
    // The system clock was set back, so the points would be out of order.
    if (before !== undefined && taken.at <= before.at) this.#points.length = 0
    if (before !== undefined) this.#points.push(pointOf(before, taken))
    if (this.#points.length > this.#maxPoints) this.#points.shift()
    this.#recent.push(taken)
    while ((this.#recent[1]?.takenAt ?? taken.takenAt) <= taken.takenAt - MINUTE_MS) this.#recent.shift()
  }

  /** The points later than `at`, oldest first. */
  after(at: number): Point[] {
    return this.#points.filter((point) => point.at > at)
  }

  /** The counts of the last minute, or since the first snapshot. */
  lastMinute(): LastMinute {
    const [first] = this.#recent
    const last = this.#recent.at(-1)
    if (first === undefined || last === undefined) return { refusals: {}, resets: {} }
    return {
      refusals: growth(first.snapshot.refusals, last.snapshot.refusals),
      resets: growth(first.snapshot.resets, last.snapshot.resets)
    }
  }
}

function pointOf({ takenAt: from, snapshot: before }: Taken, { at, takenAt, snapshot: now }: Taken): Point {
  const seconds = Math.max(1, takenAt - from) / 1000
  return {
    at,
    clients: now.clients,
    nativeStreams: now.nativeStreams,
    splicedStreams: now.splicedStreams,
    inPerSecond: Math.round(grown(before.bytesIn, now.bytesIn) / seconds),
    outPerSecond: Math.round(grown(before.bytesOut, now.bytesOut) / seconds),
    bufferedBytes: now.bufferedBytes,
    rssBytes: now.rssBytes,
    loopDelayMs: Math.round(now.loopDelayMs),
    refusals: sum(growth(before.refusals, now.refusals)),
    resets: sum(growth(before.resets, now.resets))
  }
}

function growth(before: Counts, now: Counts): Counts {
  const entries = Object.entries(now).map(([reason, count]) => [reason, grown(before[reason] ?? 0, count)] as const)
  return Object.fromEntries(entries.filter(([, count]) => count > 0))
}

/** A total falls when one of several processes ends, because its counts are gone. */
function grown(before: number, now: number): number {
  return Math.max(0, now - before)
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((all, one) => all + one, 0)
}
