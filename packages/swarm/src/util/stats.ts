/** A swarm's counters; all of them only grow, except those described as current. */
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
  /** How dials ended, by code: `OPENED`, or the reason for the failure. Each dial is counted once, when it ends. */
  dials: Record<string, number>
  /** Connections and handshakes dropped in favour of a better one with the same peer. */
  dedupDrops: number
  /** Peers refused by `firewall` or a ban, both ways. */
  firewallRefusals: number
  /** Handshakes refused because a connection limit was reached. */
  limitRefusals: number
  /** Peers refused because they were not members of a required group, both ways. */
  notMembers: number
  /** Handshakes received that were not valid ones. */
  malformedHandshakes: number
  /** Accepted handshakes that were not followed by a connection. */
  unconfirmed: number
  /** Direct paths of connections; see the option `direct`. */
  direct: DirectStats
  queries: {
    /** Currently running. */
    inFlight: number
    /** Currently waiting for their turn. */
    queued: number
    /** Started in total, re-lookups included. */
    total: number
    /** Short lookups after a join, which find peers that joined at the same time. */
    relookups: number
    /** Ended by an error. */
    failed: number
  }
}

/** Counters of direct paths. */
export interface DirectStats {
  /** Connections that take one currently. */
  current: number
  /** Bytes sent on direct paths, encrypted and without the framing. */
  bytesSent: number
  /** Attempts to open one. */
  attempts: number
  /** Times that a connection moved to one. */
  opened: number
  /** Attempts that came to nothing. */
  failed: number
  /** Times that one died, and the connection moved back. */
  lost: number
  /** Times that the path a connection began with was lost, and opened again. */
  regained: number
  /** Messages about paths that were wrong, too many, or not of the peer: somebody on the way may have changed them. */
  refused: number
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
    direct: { current: 0, bytesSent: 0, attempts: 0, opened: 0, failed: 0, lost: 0, regained: 0, refused: 0 },
    queries: { inFlight: 0, queued: 0, total: 0, relookups: 0, failed: 0 }
  }
}
