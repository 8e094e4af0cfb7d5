import type { ProxyError } from '@swarmway/proxy-protocol'
import type { FleetTrouble } from '../../fleet/fleet-host.js'
import type { FleetStats } from '../../fleet/fleet-stats.js'
import type { WatchedClient } from './busiest.js'
import type { Counts } from './snapshot.js'

/** A server whose figures are shown: a `ProxyServer`, which documents their meaning. */
export interface WatchedServer {
  /** Its clients. Default: unknown. */
  readonly clients?: ReadonlySet<WatchedClient>
  /** Its HyperDHT node; null for none. */
  readonly dht: object | null
  /** The limits shown with their usage. */
  readonly limits: { readonly maxClients: number; readonly maxBufferedBytes: number }
  /** The current figures. */
  readonly stats: Readonly<{
    clients: number
    attached: number
    topics: number
    splicesOpen: number
    dhtConnectionsOpen: number
    /** 1 if the DHT answers. Default: as the node says. */
    dhtOnline?: number
    queriesWaiting: number
    dialRequestsWaiting: number
    heldBack: number
    bytesIn: number
    bytesOut: number
    /** Default: none. */
    directConnections?: number
    directBytes?: number
    bufferedBytes: number
    denied: Counts
    resets: Counts
    limitHits: Counts
    /** Default: the server is on its own. */
    fleet?: FleetStats | null
  }>
  /** What goes wrong is noted from its events. Default: nothing is. */
  readonly on?: WatchedEvents
  readonly off?: WatchedEvents
}

/** Adds or removes a listener. */
interface WatchedEvents {
  (event: 'denied', listener: (error: ProxyError) => void): unknown
  (event: 'client-close', listener: (session: unknown, error: ProxyError) => void): unknown
  (event: 'offline', listener: () => void): unknown
  (event: 'fleet-error', listener: (error: Error, what: FleetTrouble) => void): unknown
}
