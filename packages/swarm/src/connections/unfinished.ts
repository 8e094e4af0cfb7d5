import type { Clock, MonotonicMs } from '@swarmway/runtime'

/** Milliseconds without another one after which a host's unfinished handshakes are forgotten. */
const MEMORY_MS = 60_000
/** Most hosts to remember. Those that have been quiet for longest are forgotten first. */
const MAX_HOSTS = 1024

/**
 * How many handshakes each host has begun of late and not finished. Somebody with many addresses gets a place with each of
 * them, but only once: after that, hosts that have left nothing unfinished come first.
 */
export class UnfinishedHandshakes {
  readonly #clock: Clock
  /** The latest is the last. */
  readonly #hosts = new Map<string, { readonly count: number; readonly atMs: MonotonicMs }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A handshake from this host has come to nothing. */
  add(host: string): void {
    const count = this.countOf(host) + 1
    this.#hosts.delete(host)
    this.#hosts.set(host, { count, atMs: this.#clock.now() })
    const [quietest] = this.#hosts.keys()
    if (this.#hosts.size > MAX_HOSTS && quietest !== undefined) this.#hosts.delete(quietest)
  }

  countOf(host: string): number {
    const known = this.#hosts.get(host)
    return known === undefined || this.#clock.now() - known.atMs >= MEMORY_MS ? 0 : known.count
  }
}
