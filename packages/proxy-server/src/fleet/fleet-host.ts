import type { FoundPeer } from '@swarmway/proxy-protocol'

/** The server, as its fleet sees it. */
export interface FleetHost {
  /** Sessions of clients. */
  readonly clientCount: number
  /** Peers at other servers have appeared on a topic. */
  onPeers(topic: Uint8Array, peers: readonly FoundPeer[]): void
  /** Servers to which clients may go have come or gone. */
  onServers(): void
  /** The broker was reached or lost, or another server has come or gone. */
  onState(state: FleetState): void
  /** Something in the way of the fleet does not work. */
  onError(error: Error, what: FleetTrouble): void
}

/**
 * What does not work: the port for links cannot be opened; the broker does not answer or refuses something; or no link to another
 * server can be opened.
 */
export type FleetTrouble = 'port' | 'broker' | 'link'

/** What a server has of its fleet. */
export interface FleetState {
  /** Whether the broker passes on what servers say. */
  readonly isOnline: boolean
  /** Number of other servers. */
  readonly servers: number
  /** Names of those that have come since the last event. */
  readonly joined: readonly string[]
  /** Names of those that have left since then, or were not heard any more. */
  readonly left: readonly string[]
}
