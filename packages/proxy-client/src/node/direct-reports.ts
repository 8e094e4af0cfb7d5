import { ask, CLIENT_REQUESTS } from '@swarmway/proxy-protocol'
import type { Clock, SwarmStats } from '@swarmway/swarm/core'
import type { Channel } from './channel.js'

/** Milliseconds between two reports, and until the first. */
const INTERVAL_MS = 60_000
/** The largest count in a report. */
const MAX_COUNT = 2 ** 32 - 1

/**
 * Tells the proxy server how much went past it on direct paths, so that its operator can see what they are good for. Says
 * nothing about which peers. Nothing runs, and nothing is sent, until there is a direct path.
 */
export class DirectReports {
  readonly #channel: Channel
  readonly #clock: Clock
  readonly #stats: SwarmStats['direct']
  #connections = 0
  #bytes = 0
  #timer: unknown = null
  #isStopped = false

  constructor(channel: Channel, clock: Clock, stats: SwarmStats['direct']) {
    this.#channel = channel
    this.#clock = clock
    this.#stats = stats
  }

  /** A connection has changed its path. */
  begin(): void {
    if (!this.#isStopped) this.#timer ??= this.#clock.setTimeout(() => this.#report(), INTERVAL_MS)
  }

  stop(): void {
    this.#isStopped = true
    this.#clock.clearTimeout(this.#timer)
  }

  #report(): void {
    this.#timer = null
    const { bytesSent, current, opened } = this.#stats
    if (current > 0) this.begin()
    const { session } = this.#channel
    const body = { connections: Math.min(opened - this.#connections, MAX_COUNT), bytes: bytesSent - this.#bytes }
    // Without a link, the next report has it all.
    if (session?.attached !== true) this.begin()
    else if (body.connections + body.bytes > 0) {
      this.#connections = opened
      this.#bytes = bytesSent
      // An older server does not know it.
      ask(session, CLIENT_REQUESTS.DIRECT_REPORT, body).catch(ignore)
    }
  }
}

function ignore(): void {}
