import type { MonotonicMs } from '@swarmway/proxy-protocol'
import type { Presence } from './presence/presence.js'

/**
 * A link to another server, opened by either side when a client needs it: `open`; `opening`, also while a lost connection is
 * replaced; `failed` if the last attempt of this server to open one failed; otherwise `none`.
 */
export type FleetLinkState = 'open' | 'opening' | 'failed' | 'none'

/** A server of a fleet, as another one sees it. */
export interface FleetServerStats {
  /** The server's public key in hex. It has another one after each start. */
  readonly id: string
  /** The server's name. */
  readonly name: string
  /** Where clients reach it; '' if it does not say. */
  readonly url: string
  /** Sessions, as of its last message. */
  readonly clients: number
  /** Sessions that it takes. */
  readonly maxClients: number
  /** Whether it is about to stop. */
  readonly isDraining: boolean
  /** Whether there is a link between the two servers. */
  readonly link: FleetLinkState
  /** Milliseconds since it last described itself through the broker. It does so three times in a lease. */
  readonly silentMs: number
}

/** A server's view of its fleet. */
export interface FleetStats {
  /** This server's name. */
  readonly name: string
  /** This server's public key in hex. */
  readonly id: string
  /** Whether this server is about to stop. */
  readonly isDraining: boolean
  /** 1 if the broker answers and passes on what this server says, otherwise 0. */
  readonly brokerOnline: number
  /** The other servers. */
  readonly servers: readonly FleetServerStats[]
  /** Links that this server has opened to others. */
  readonly linksOut: number
  /** Links that others have opened to this one. */
  readonly linksIn: number
  /** Connections of clients here to clients of other servers, in total, dialled here. */
  readonly dialled: number
  /** The same, dialled there. */
  readonly accepted: number
}

/** What the figures are taken from. */
export interface FleetSources extends Pick<FleetStats, 'name' | 'id' | 'isDraining' | 'dialled' | 'accepted'> {
  readonly presence: Presence
  readonly links: {
    readonly outgoing: { readonly size: number; stateOf(id: string): FleetLinkState }
    readonly incoming: { readonly size: number; isOpen(id: string): boolean }
  }
  readonly nowMs: MonotonicMs
}

/** Collects a snapshot. */
export function statsOf({ links, nowMs, presence, ...own }: FleetSources): FleetStats {
  const { incoming, outgoing } = links
  const servers = [...presence.servers.values()].map(({ clients, heardMs, id, isDraining, maxClients, name, url }) => {
    const link = incoming.isOpen(id) ? 'open' : outgoing.stateOf(id)
    return { id, name, url, clients, maxClients, isDraining, link, silentMs: Math.round(nowMs - heardMs) }
  })
  const brokerOnline = presence.isConnected ? 1 : 0
  return { ...own, brokerOnline, servers, linksOut: outgoing.size, linksIn: incoming.size }
}
