import { type Clock, type Link, linkTimeout } from '@swarmway/proxy-protocol'

/** A link that answers nothing for this long after a wake-up is dead: regular pings would take three times as long. */
const PATIENCE_MS = 4000

/** Finds out at once whether a link is still alive. */
export class LinkCheck {
  readonly #clock: Clock
  #timer: unknown = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Pings, and ends the link with LINK_TIMEOUT if nothing arrives. A check that has begun continues. */
  begin(link: Link): void {
    if (this.#timer !== null) return
    const { bytesIn } = link
    link.ping()
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null
      if (link.bytesIn === bytesIn) link.destroy(linkTimeout(PATIENCE_MS))
    }, PATIENCE_MS)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }
}
