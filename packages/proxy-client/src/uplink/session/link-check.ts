import { type Clock, type Link, linkClosed, linkTimeout, type ProxyError } from '@swarmway/proxy-protocol'

/**
 * Why a link is checked: the machine or the page woke up; it has another network; or the server owes an acknowledgement and
 * is silent.
 */
export type CheckReason = 'wake' | 'move' | 'overdue'

/** Milliseconds for an answer, on top of the round trips. Regular pings would take 13 seconds. */
const PATIENCE_MS: Readonly<Record<CheckReason, number>> = { wake: 4000, move: 250, overdue: 2500 }
/** Round trips that an answer may take. */
const ROUND_TRIPS = 2
/** Before the first ping is answered. */
const UNKNOWN_ROUND_TRIP_MS = 250

/** Called with a dead link, which is to be destroyed with the error. */
type DeadListener = (link: Link, error: ProxyError, reason: CheckReason) => void

/** Finds out at once whether a link is still alive. */
export class LinkCheck {
  readonly #clock: Clock
  readonly #onDead: DeadListener
  #timer: unknown = null
  #dueMs = 0
  #bytesIn = 0

  constructor(clock: Clock, onDead: DeadListener) {
    this.#clock = clock
    this.#onDead = onDead
  }

  /** Pings; the link is dead if nothing arrives. A check that has begun continues, unless this one would end earlier. */
  begin(link: Link, reason: CheckReason): void {
    const roundTripMs = link.rttMs < 0 ? UNKNOWN_ROUND_TRIP_MS : link.rttMs
    const patienceMs = PATIENCE_MS[reason] + ROUND_TRIPS * roundTripMs
    const dueMs = this.#clock.now() + patienceMs
    if (this.#timer !== null && this.#dueMs <= dueMs) return
    this.stop()
    this.#dueMs = dueMs
    this.#bytesIn = link.bytesIn
    link.ping()
    const judge = () => {
      this.#timer = null
      if (link.bytesIn === this.#bytesIn) this.#onDead(link, linkTimeout(Math.round(patienceMs)), reason)
    }
    // In the turn between the two timers everything is read that waits in the socket, should our event loop have stood still.
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = this.#clock.setTimeout(judge, 0)
    }, patienceMs)
  }

  /**
   * The machine has other addresses. A link from one of those that are lost is dead: what it sends leaves with an address to
   * which no answer comes. Any other is checked.
   */
  onMove(link: Link, lost: readonly string[]): void {
    const address = plainAddress(link.localAddress)
    if (lost.some((one) => plainAddress(one) === address)) this.#onDead(link, addressLost(), 'move')
    else this.begin(link, 'move')
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }
}

/** As both sockets and the list of interfaces have it: IPv4 in IPv6 as IPv4, and without the name of the interface. */
function plainAddress(address: string | null): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}

function addressLost(): ProxyError {
  return linkClosed('this machine no longer has the address that the link comes from')
}
