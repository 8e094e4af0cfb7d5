import type { Presence } from './presence/presence.js'

/** A server of a fleet, as another one sees it. */
export interface FleetServerStats {
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
}

/** A server's view of its fleet. */
export interface FleetStats {
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
export interface FleetSources {
  readonly presence: Presence
  readonly links: { readonly outgoing: { readonly size: number }; readonly incoming: { readonly size: number } }
  readonly dialled: number
  readonly accepted: number
}

/** Collects a snapshot. */
export function statsOf({ accepted, dialled, links, presence }: FleetSources): FleetStats {
  const servers = [...presence.servers.values()].map(({ clients, isDraining, maxClients, name, url }) => ({
    ...{ name, url, clients, maxClients, isDraining }
  }))
  const brokerOnline = presence.isConnected ? 1 : 0
  return { brokerOnline, servers, linksOut: links.outgoing.size, linksIn: links.incoming.size, dialled, accepted }
}
