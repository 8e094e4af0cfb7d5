import type { Link } from '@swarmway/proxy-protocol'
import type { Counters } from './counters.js'

/** Adds up the bytes of one client's links. */
export class LinkMeter {
  readonly #counters: Counters
  #link: Link | null = null
  #bytesIn = 0
  #bytesOut = 0

  /** A link's bytes are added to `counters` when the link is over. */
  constructor(counters: Counters) {
    this.#counters = counters
  }

  get bytesIn(): number {
    return this.#bytesIn + (this.#link?.bytesIn ?? 0)
  }

  get bytesOut(): number {
    return this.#bytesOut + (this.#link?.bytesOut ?? 0)
  }

  /** Milliseconds of the latest ping over the current link; null if there is none yet. */
  get roundTripMs(): number | null {
    const rttMs = this.#link?.rttMs ?? -1
    return rttMs < 0 ? null : rttMs
  }

  /** Bytes of the current link, which are not in the counters yet. */
  get uncounted(): { bytesIn: number; bytesOut: number } {
    return { bytesIn: this.#link?.bytesIn ?? 0, bytesOut: this.#link?.bytesOut ?? 0 }
  }

  /** A link begins. */
  start(link: Link): void {
    this.stop()
    this.#link = link
  }

  /** The link is over. */
  stop(): void {
    const { bytesIn, bytesOut } = this.uncounted
    this.#link = null
    this.#bytesIn += bytesIn
    this.#bytesOut += bytesOut
    this.#counters.bytesIn += bytesIn
    this.#counters.bytesOut += bytesOut
  }
}
