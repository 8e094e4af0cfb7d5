import type { FleetLinkState, FleetStats } from '../../fleet/fleet-stats.js'

/** Servers that are listed. */
const MAX_LISTED = 50
const NATURAL = new Intl.Collator('en', { numeric: true })

/** A server of a fleet, as a line of the list. */
export interface FleetServerFigures {
  /** Its public key in hex. */
  id: string
  /** What it calls itself. */
  name: string
  /** Its sessions, as it says. */
  clients: number
  /** Whether it is about to stop. */
  isDraining: boolean
  /** Whether there is a link to it; `own` for the server whose figures these are. */
  link: FleetLinkState | 'own'
  /** Milliseconds since it was last heard through the broker. */
  silentMs: number
}

/** A server's view of its fleet. */
export interface FleetSnapshot {
  /** Number of processes that are servers of the fleet, and of those that the broker answers. */
  processes: number
  online: number
  /** Other servers. */
  servers: number
  /** Sessions at the other servers. */
  clients: number
  /** Links to and from other servers. */
  links: number
  /** All servers, this one included, in the order of their names; the first 50. */
  list: readonly FleetServerFigures[]
}

/** What the page shows of a fleet. `clients` are those of this server. */
export function fleetFigures(fleet: FleetStats | null, clients: number): { fleet?: FleetSnapshot } {
  if (fleet === null) return {}
  const { brokerOnline: online, id, isDraining, linksIn, linksOut, name, servers } = fleet
  const own = { id, name, clients, isDraining, link: 'own', silentMs: 0 } as const
  return {
    fleet: {
      processes: 1,
      online,
      servers: servers.length,
      clients: servers.reduce((sum, server) => sum + server.clients, 0),
      links: linksIn + linksOut,
      list: listOf([own, ...servers])
    }
  }
}

/** The view of several processes: each sees the others as servers of the fleet. */
export function combineFleets(a: FleetSnapshot | undefined, b: FleetSnapshot | undefined): { fleet?: FleetSnapshot } {
  const fleet = a ?? b
  if (fleet === undefined) return {}
  if (a === undefined || b === undefined) return { fleet }
  return {
    fleet: {
      processes: a.processes + b.processes,
      online: a.online + b.online,
      servers: Math.max(a.servers, b.servers),
      clients: Math.max(a.clients, b.clients),
      links: a.links + b.links,
      list: listOf([...a.list, ...b.list])
    }
  }
}

/** The state that says most of what several processes see. */
const STATES = ['own', 'failed', 'open', 'opening', 'none'] as const

/** Each server once. */
function listOf(servers: readonly FleetServerFigures[]): FleetServerFigures[] {
  const byId = new Map<string, FleetServerFigures>()
  for (const { clients, id, isDraining, link, name, silentMs } of servers) {
    const server = { id, name, clients, isDraining, link, silentMs }
    const known = byId.get(id)
    byId.set(id, known === undefined ? server : merge(known, server))
  }
  const sorted = [...byId.values()].sort((a, b) => NATURAL.compare(a.name, b.name) || (a.id < b.id ? -1 : 1))
  return sorted.slice(0, MAX_LISTED)
}

/** What a server says of itself, or the latest that it was heard to say. */
function merge(a: FleetServerFigures, b: FleetServerFigures): FleetServerFigures {
  const link = STATES.find((state) => a.link === state || b.link === state) ?? a.link
  return { ...(a.silentMs <= b.silentMs ? a : b), link }
}
