import type { Clock, MonotonicMs } from '@swarmway/proxy-protocol'
import { nameOf } from './presence/own-topics.js'
import type { FleetServer } from './presence/presence.js'

/** Most keys whose servers are remembered; beyond, the keys that were told longest ago are forgotten. */
const MAX_KEYS = 200_000
/** Most servers that are remembered for a key. */
const MAX_SERVERS_PER_KEY = 4
/** Milliseconds for which a way that failed is the last to be tried, or is not tried while there is the DHT. */
const BAD_MS = 60_000

interface Route {
  badUntilMs: MonotonicMs | number
  /** Whether the server itself did not answer then. */
  isDead: boolean
}

/** At which servers the clients of other servers are, by their keys. */
export class Routes {
  readonly #clock: Clock
  readonly #servers: ReadonlyMap<string, FleetServer>
  /** By key, then by server; the latest is the last. */
  readonly #routes = new Map<string, Map<string, Route>>()

  /** `servers` are those that are there. */
  constructor(clock: Clock, servers: ReadonlyMap<string, FleetServer>) {
    this.#clock = clock
    this.#servers = servers
  }

  /** A server has told the key. */
  add(publicKey: Uint8Array, { id }: FleetServer): void {
    const name = nameOf(publicKey)
    const routes = this.#routes.get(name) ?? new Map<string, Route>()
    const route = routes.get(id) ?? { badUntilMs: 0, isDead: false }
    routes.delete(id)
    routes.set(id, route)
    if (routes.size > MAX_SERVERS_PER_KEY) routes.delete(this.#worst(routes))
    this.#routes.delete(name)
    this.#routes.set(name, routes)
    const [stalest] = this.#routes.keys()
    if (this.#routes.size > MAX_KEYS && stalest !== undefined) this.#routes.delete(stalest)
  }

  /** The key is not at the server any more. */
  delete(publicKey: Uint8Array, { id }: FleetServer): void {
    this.#routes.get(nameOf(publicKey))?.delete(id)
  }

  /** The server did not bring us to the key; with `isDead`, because it did not answer at all. */
  failed(publicKey: Uint8Array, { id }: FleetServer, isDead = false): void {
    const route = this.#routes.get(nameOf(publicKey))?.get(id)
    if (route !== undefined) Object.assign(route, { badUntilMs: this.#clock.now() + BAD_MS, isDead })
  }

  /** One that has led nowhere, so that servers which claim a key without having it do not displace others; else the oldest. */
  #worst(routes: ReadonlyMap<string, Route>): string {
    const nowMs = this.#clock.now()
    const [worst = ''] = [...routes.keys()].filter((id) => (routes.get(id)?.badUntilMs ?? 0) > nowMs)
    const [oldest = ''] = routes.keys()
    return worst === '' ? oldest : worst
  }

  /** Servers at which the key may be, the likeliest first; without `withDead`, not those that did not answer lately. */
  to(publicKey: Uint8Array, withDead = true): FleetServer[] {
    const routes = this.#routes.get(nameOf(publicKey))
    if (routes === undefined) return []
    for (const id of [...routes.keys()]) if (!this.#servers.has(id)) routes.delete(id)
    const nowMs = this.#clock.now()
    const inOrder = [...routes].reverse()
    const good = inOrder.filter(([, { badUntilMs }]) => badUntilMs <= nowMs)
    const bad = inOrder.filter(([, { badUntilMs, isDead }]) => badUntilMs > nowMs && (withDead || !isDead))
    const servers = [...good, ...bad].flatMap(([id]) => this.#servers.get(id) ?? [])
    return servers.filter(({ linkAddress }) => linkAddress !== '')
  }
}
