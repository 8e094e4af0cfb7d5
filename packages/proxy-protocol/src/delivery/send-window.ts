import type { Timepiece } from '@swarmway/runtime'

/** Bytes on their way before anything is known about the link. */
const FIRST_BYTES = 128 * 1024
/** Never less: a few packets, so that the link is measured at all. */
const MIN_BYTES = 16 * 1024
/** What is on its way, as a multiple of bandwidth times round trip; more than 1, or higher rates are never noticed. */
const GAIN = 1.25
/** As much as the link sends in this time is on its way in any case, because either side may be busy for a while. */
const MIN_STOCK_MS = 40
/** As a multiple of what arrived in a round, while the pace of the link is unknown: TCP below doubles its own a round. */
const START_GAIN = 3
/** The fastest of this many rounds counts, so that a pause of the other side does not slow us down. */
const RATE_ROUNDS = 8
/** The link is still taken to be faster than measured while the rate grows by this much a round. */
const GROWTH = 1.25
const ROUNDS_WITHOUT_GROWTH = 3
/** A round that takes this many times the shortest round trip was held up by our own bytes. */
const QUEUEING = 1.25
/** Our own bytes lengthen the round trip. This long after the last short one, they are kept few for a round. */
const MIN_PROBE_MS = 10_000
/** A probe costs about a round trip, so they are rarer on a long path. */
const MAX_PROBE_MS = 20_000
/** A window that is smaller by this should make the round trip shorter, if our own bytes are what lengthens it. */
const SHRUNK = 0.8
/** Round trips that are as long as each other. */
const AS_LONG = 0.95
/** Shorter than any clock can tell. */
const MIN_ROUND_MS = 0.1

/** Settings of a {@link SendWindow}. */
export interface SendWindowOptions {
  /** Never more than this many bytes. */
  readonly maxBytes: number
  /** Milliseconds for which the other side may hold back an acknowledgement. */
  readonly ackDelayMs: number
}

/** From handing over a frame to its acknowledgement. */
interface Round {
  readonly frame: number
  readonly startMs: number
  readonly ackedBytes: number
  /** Size of the window. */
  readonly sizeBytes: number
  /** Whether so little was on its way that the round trip is that of the link alone. */
  readonly isProbe: boolean
}

/**
 * How many bytes may be on their way over a link: about as many as fill it. What exceeds that waits in buffers between
 * here and the other side, of which the operating system's alone can hold seconds, and every small message sent later
 * waits behind it. Bandwidth and round trip are measured once a round trip, in the manner of TCP's BBR.
 */
export class SendWindow {
  /** The size at the moment. */
  sizeBytes: number
  /** The shortest round trip of late, acknowledgement delay included; 0 before the first. */
  roundTripMs = 0
  readonly #options: SendWindowOptions
  readonly #clock: Timepiece
  readonly #rate = new PeakRate()
  #round: Round | null = null
  #ackedBytes = 0
  #isHeld = false
  #isProbing = false
  #shortAtMs = 0
  /** The largest window and the longest of the latest rounds, if they all took longer than they should. */
  #long: { readonly sizeBytes: number; readonly elapsedMs: number } | null = null

  constructor(options: SendWindowOptions, clock: Timepiece) {
    this.#options = options
    this.#clock = clock
    this.sizeBytes = this.#within(FIRST_BYTES)
  }

  /** Another link, about which nothing is known. */
  restart(): void {
    this.sizeBytes = this.#within(FIRST_BYTES)
    this.roundTripMs = 0
    this.#rate.restart()
    this.#round = this.#long = null
    this.#isHeld = this.#isProbing = false
  }

  /** Whether more may be sent when `bytes` are on their way. */
  hasRoom(bytes: number): boolean {
    if (bytes < this.sizeBytes) return true
    this.onHeld()
    return false
  }

  /** There is more to send than the link takes: what is measured now is the link's pace. */
  onHeld(): void {
    this.#isHeld = true
  }

  /** The frame with this number is handed to the link. */
  onSent(frame: number): void {
    if (this.#round !== null) return
    const { sizeBytes } = this
    const startMs = this.#clock.now()
    this.#round = { frame, startMs, ackedBytes: this.#ackedBytes, sizeBytes, isProbe: this.#isProbing }
  }

  /** The first `frames` frames have arrived, with `bytes` that were not acknowledged before. */
  onAcked(frames: number, bytes: number): void {
    this.#ackedBytes += bytes
    if (this.#round !== null && frames >= this.#round.frame) this.#endRound(this.#round)
  }

  #endRound(round: Round): void {
    this.#round = null
    const nowMs = this.#clock.now()
    const elapsedMs = Math.max(nowMs - round.startMs, MIN_ROUND_MS)
    const bytes = this.#ackedBytes - round.ackedBytes
    this.#rate.add(bytes / elapsedMs, this.#isHeld || this.#isQueueing(elapsedMs))
    // Either the link is slower or its round trip is longer; with the higher rate and the longer time, far too much
    // would be on its way.
    if (round.isProbe && this.#isQueueing(elapsedMs)) this.#rate.forgetOlder()
    this.#measureRoundTrip(elapsedMs, nowMs, round.isProbe || this.#isLonger(round.sizeBytes, elapsedMs))
    this.#isHeld = false
    this.sizeBytes = this.#within(this.#fitting(bytes))
  }

  /** Bytes wait on the way: more would not arrive sooner, even if a stream's window and not ours held them back. */
  #isQueueing(elapsedMs: number): boolean {
    return this.roundTripMs > 0 && elapsedMs > QUEUEING * this.roundTripMs + this.#options.ackDelayMs
  }

  /**
   * Whether the link's own round trip is longer than it was: fewer bytes took as long. Acknowledgements that come in
   * lumps look the same. Without this, less is sent, therefore a lower rate measured, therefore less sent, and so on.
   */
  #isLonger(sizeBytes: number, elapsedMs: number): boolean {
    const before = this.#long
    this.#long = null
    if (this.roundTripMs === 0 || elapsedMs <= GAIN * this.roundTripMs) return false
    this.#long = { sizeBytes, elapsedMs }
    if (before === null) return false
    if (sizeBytes < SHRUNK * before.sizeBytes) return elapsedMs > AS_LONG * before.elapsedMs
    const longestMs = Math.max(elapsedMs, before.elapsedMs)
    this.#long = { sizeBytes: Math.max(sizeBytes, before.sizeBytes), elapsedMs: longestMs }
    return false
  }

  #measureRoundTrip(elapsedMs: number, nowMs: number, isKnown: boolean): void {
    const isShort = isKnown || this.roundTripMs === 0 || elapsedMs <= this.roundTripMs
    if (isShort) {
      this.roundTripMs = elapsedMs
      this.#shortAtMs = nowMs
    }
    this.#isProbing = nowMs - this.#shortAtMs > Math.min(Math.max(MIN_PROBE_MS, 30 * this.roundTripMs), MAX_PROBE_MS)
    if (this.#isProbing) this.#rate.forgetOlder()
  }

  #fitting(roundBytes: number): number {
    const { bytesPerMs, isGrowing } = this.#rate
    if (this.#isProbing) return (bytesPerMs * this.roundTripMs) / 2
    if (isGrowing) return Math.max(this.sizeBytes, START_GAIN * roundBytes)
    return bytesPerMs * Math.max(GAIN * this.roundTripMs + this.#options.ackDelayMs, MIN_STOCK_MS)
  }

  #within(bytes: number): number {
    return Math.floor(Math.min(Math.max(bytes, MIN_BYTES), this.#options.maxBytes))
  }
}

/** The bandwidth of a link, as far as it shows. */
class PeakRate {
  /** Whether the link may be faster than it was ever tried. */
  isGrowing = true
  #recent: number[] = []
  #roundsWithoutGrowth = 0

  get bytesPerMs(): number {
    return Math.max(0, ...this.#recent)
  }

  /** Only the latest round counts: earlier rounds of a link that has become slower would fill the queue before a probe. */
  forgetOlder(): void {
    this.#recent = this.#recent.slice(-1)
  }

  restart(): void {
    this.isGrowing = true
    this.#recent = []
    this.#roundsWithoutGrowth = 0
  }

  /** `isHeld`: there was more to send, so the rate is the link's and not the application's. */
  add(bytesPerMs: number, isHeld: boolean): void {
    const peak = this.bytesPerMs
    if (!isHeld && bytesPerMs <= peak) return
    this.#recent.push(bytesPerMs)
    if (this.#recent.length > RATE_ROUNDS) this.#recent.shift()
    if (bytesPerMs > peak * GROWTH) this.#roundsWithoutGrowth = 0
    else if (isHeld) this.#roundsWithoutGrowth++
    if (this.#roundsWithoutGrowth === ROUNDS_WITHOUT_GROWTH) this.isGrowing = false
  }
}
