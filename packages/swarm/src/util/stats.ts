/** What a swarm counts; all figures only grow, but for those said to be of this moment. */
export interface SwarmStats {
  /** `update` events. */
  updates: number
  connects: {
    /** Connections that we dialled. `closed` counts failed dials too. */
    client: { opened: number; closed: number; attempted: number }
    /** Connections that we accepted. */
    server: { opened: number; closed: number }
  }
  /** Bans, each counted when it begins. */
  bannedPeers: number
  /** How dials ended, by code: `OPENED`, or why not. Each dial is counted once, when it ends. */
  dials: Record<string, number>
  /** Connections and handshakes dropped because there was a better one with the same peer. */
  dedupDrops: number
  /** Peers refused by `firewall` or a ban, both ways. */
  firewallRefusals: number
  /** Handshakes refused because a connection limit was reached. */
  limitRefusals: number
  /** Peers refused because they were no members of a group that was asked for, both ways. */
  notMembers: number
  /** Bytes received as a handshake that were none. */
  malformedHandshakes: number
  /** Accepted handshakes that no connection followed. */
  unconfirmed: number
  queries: {
    /** Running at this moment. */
    inFlight: number
    /** Waiting for their turn at this moment. */
    queued: number
    /** Begun in all, re-lookups included. */
    total: number
    /** Short lookups after a join that find the peers who joined at the same time. */
    relookups: number
    /** Ended by an error. */
    failed: number
  }
}

/** Stats with everything at zero. */
export function createStats(): SwarmStats {
  return {
    updates: 0,
    connects: { client: { opened: 0, closed: 0, attempted: 0 }, server: { opened: 0, closed: 0 } },
    bannedPeers: 0,
    dials: {},
    dedupDrops: 0,
    firewallRefusals: 0,
    limitRefusals: 0,
    notMembers: 0,
    malformedHandshakes: 0,
    unconfirmed: 0,
    queries: { inFlight: 0, queued: 0, total: 0, relookups: 0, failed: 0 }
  }
}
