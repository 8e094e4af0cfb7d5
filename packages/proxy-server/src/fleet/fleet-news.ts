import { type Clock, MAX_SERVERS, type OtherServer } from '@swarmway/proxy-protocol'
import type { FleetHost } from './fleet-host.js'
import type { Presence } from './presence/presence.js'

/** Milliseconds in which changes of the servers are told to clients once: so that a fleet that restarts causes no storm. */
const TELL_MS = 1000

/** What the server, and by it its clients, hear of the other servers: changes only. */
export class FleetNews {
  readonly #presence: Presence
  readonly #clock: Clock
  #host: FleetHost | null = null
  /** Names of the servers that the host knows of, by id. */
  #known = new Map<string, string>()
  #wasOnline = false
  #toldUrls = ''
  #timer: unknown = null

  constructor(presence: Presence, clock: Clock) {
    this.#presence = presence
    this.#clock = clock
  }

  /** The servers to which clients can go. */
  get reachable(): OtherServer[] {
    return [...this.#presence.servers.values()]
      .filter(({ isDraining, url }) => url !== '' && !isDraining)
      .slice(0, MAX_SERVERS)
  }

  start(host: FleetHost): void {
    this.#host = host
  }

  stop(): void {
    this.#host = null
    this.#clock.clearTimeout(this.#timer)
  }

  /** A server has come, gone, or changed. How many clients they have changes all the time, and is told along with the rest. */
  onServers(): void {
    this.onState()
    const urls = this.reachable
      .map(({ url }) => url)
      .sort()
      .join(' ')
    if (this.#host === null || urls === this.#toldUrls) return
    this.#toldUrls = urls
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = null
      this.#host?.onServers()
    }, TELL_MS)
  }

  /** A server has come or gone, or the broker was reached or lost. */
  onState(): void {
    const { isConnected: isOnline, servers } = this.#presence
    const joined = [...servers.values()].filter(({ id }) => !this.#known.has(id)).map(({ name }) => name)
    const left = [...this.#known].filter(([id]) => !servers.has(id)).map(([, name]) => name)
    if (this.#host === null || (isOnline === this.#wasOnline && joined.length + left.length === 0)) return
    this.#known = new Map([...servers.values()].map(({ id, name }) => [id, name]))
    this.#wasOnline = isOnline
    this.#host.onState({ isOnline, servers: servers.size, joined, left })
  }
}
