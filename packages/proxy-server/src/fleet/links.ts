import { type Clock, ProxyError } from '@swarmway/proxy-protocol'
import type { FleetLinkState } from './fleet-stats.js'
import { OutgoingLink } from './links/outgoing-link.js'
import type { SecureOptions } from './links/secure-socket.js'
import type { FleetServer } from './presence/presence.js'

/** Milliseconds between two reports of one server: one that was killed, or that lies, fills no log. */
const REPORT_MS = 60_000
/** Servers that are reported in that time, so that names that somebody makes up fill neither memory nor log. */
const MAX_REPORTED = 64

/** The links that this server has opened to others, one for each, on demand. */
export class OutgoingLinks {
  readonly #clock: Clock
  readonly #secure: SecureOptions
  readonly #onUnreachable: (error: Error) => void
  /** When each server was last reported, the earliest first. */
  readonly #reportedMs = new Map<string, number>()
  readonly #links = new Map<string, OutgoingLink>()
  readonly #servers: ReadonlyMap<string, FleetServer>
  /** Servers of the fleet to which the last attempt failed. */
  readonly #failed = new Set<string>()

  /**
   * `servers` are those that are there. `onUnreachable` is called with an error that names a server to which no link can be
   * opened, once a minute for each.
   */
  constructor(
    clock: Clock,
    secure: SecureOptions,
    servers: ReadonlyMap<string, FleetServer>,
    onUnreachable: (error: Error) => void
  ) {
    this.#clock = clock
    this.#secure = secure
    this.#servers = servers
    this.#onUnreachable = onUnreachable
  }

  /** Links. */
  get size(): number {
    return this.#links.size
  }

  /** What there is to the server with this id. */
  stateOf(id: string): FleetLinkState {
    const link = this.#links.get(id)
    if (link !== undefined) return link.session.attached ? 'open' : 'opening'
    return this.#failed.has(id) ? 'failed' : 'none'
  }

  /** Streams on all links. */
  get streamCount(): number {
    return [...this.#links.values()].reduce((sum, { session }) => sum + session.streamCount, 0)
  }

  /** The link to the server, opened if there is none. @throws ProxyError `PEER_NOT_FOUND` if it takes no links */
  to(server: FleetServer): OutgoingLink {
    const known = this.#links.get(server.id)
    if (known !== undefined) return known
    if (server.linkAddress === '') throw new ProxyError('PEER_NOT_FOUND', `the server ${server.name} takes no links`)
    let isReachable = true
    const onClose = (closed: OutgoingLink): void => {
      if (this.#links.get(server.id) === closed) this.#links.delete(server.id)
      this.#note(server, isReachable)
    }
    const onUnreachable = (): void => {
      isReachable = false
      this.#report(server)
    }
    const link = new OutgoingLink(server, { clock: this.#clock, ...this.#secure, onUnreachable, onClose })
    this.#links.set(server.id, link)
    return link
  }

  /** A server is not heard any more: its link ends, unless that is connected. */
  drop(id: string, error: ProxyError): void {
    const link = this.#links.get(id)
    if (link?.session.attached === false) link.session.destroy(error)
    this.#failed.delete(id)
  }

  /** Not of one that is gone: it would be kept for ever. */
  #note({ id }: FleetServer, isReachable: boolean): void {
    if (isReachable || !this.#servers.has(id)) this.#failed.delete(id)
    else this.#failed.add(id)
  }

  #report({ id, linkAddress, name }: FleetServer): void {
    const nowMs = this.#clock.now()
    for (const [reported, atMs] of this.#reportedMs) if (nowMs - atMs >= REPORT_MS) this.#reportedMs.delete(reported)
    if (this.#reportedMs.has(id) || this.#reportedMs.size >= MAX_REPORTED) return
    this.#reportedMs.set(id, nowMs)
    this.#onUnreachable(new Error(`no link to the server ${name} at ${linkAddress}`))
  }

  /** Ends all links. */
  destroy(error: ProxyError): void {
    for (const { session } of [...this.#links.values()]) session.destroy(error)
  }
}
