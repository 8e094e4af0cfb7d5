import type { SessionStats } from '@swarmway/proxy-protocol'

/** Numbers about one client; all except the totals are current values. */
export interface ClientStats extends SessionStats {
  /** Keys that it listens on. */
  keys: number
  /** Its announcements; each is a key on a topic. */
  topics: number
  /** Topics that it watches. */
  watches: number
  /** Its dials in progress. */
  dials: number
  /** Handshakes of its peers in progress. */
  handshakes: number
  /** Its queries and record requests in progress. */
  queries: number
  /** Milliseconds of the latest ping to the client and back; null while it has no link, or none was answered yet. */
  roundTripMs: number | null
  /** Bytes received on its links, in total, framing included. */
  bytesIn: number
  /** Bytes sent on its links, in total, framing included. */
  bytesOut: number
  /** Its streams that ended with an error, in total, by code. */
  resets: Readonly<Record<string, number>>
}
