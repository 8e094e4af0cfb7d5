import { type Clock, ProxyError } from '@swarmway/proxy-protocol'
import { OutgoingLink } from './links/outgoing-link.js'
import type { SecureOptions } from './links/secure-socket.js'
import type { FleetServer } from './presence/presence.js'

/** The links that this server has opened to others, one for each, on demand. */
export class OutgoingLinks {
  readonly #clock: Clock
  readonly #secure: SecureOptions
  readonly #links = new Map<string, OutgoingLink>()

  constructor(clock: Clock, secure: SecureOptions) {
    this.#clock = clock
    this.#secure = secure
  }

  /** Links. */
  get size(): number {
    return this.#links.size
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
    const onClose = (closed: OutgoingLink): void => {
      if (this.#links.get(server.id) === closed) this.#links.delete(server.id)
    }
    const link = new OutgoingLink(server, { clock: this.#clock, ...this.#secure, onClose })
    this.#links.set(server.id, link)
    return link
  }

  /** A server is not heard any more: its link ends, unless that is connected. */
  drop(id: string, error: ProxyError): void {
    const link = this.#links.get(id)
    if (link?.session.attached === false) link.session.destroy(error)
  }

  /** Ends all links. */
  destroy(error: ProxyError): void {
    for (const { session } of [...this.#links.values()]) session.destroy(error)
  }
}
