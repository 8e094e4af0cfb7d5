/** A client, as far as it is read here: a `ClientSession`. */
export interface WatchedClient {
  readonly remoteAddress: string | null
  readonly userAgent: string
  readonly stats: {
    readonly bytesIn: number
    readonly bytesOut: number
    readonly topics: number
    readonly watches: number
    readonly streams: number
    /** Default: unknown. */
    readonly roundTripMs?: number | null
  }
  /** Ends its session. Default: it cannot be cut off. */
  cutOff?(): void
}

/** A client that moved much since the last snapshot. */
export interface ClientFigures {
  /** The process that serves it. */
  pid: number
  /** Tells clients of one process apart, and means nothing elsewhere. */
  number: number
  /** Null if its link has none. */
  address: string | null
  /** What the client says that it is. */
  userAgent: string
  /** Bytes received from and sent to it since the last snapshot. */
  bytes: number
  /** Its announcements and the topics that it watches. */
  topics: number
  /** Its open streams. */
  streams: number
  /** Milliseconds of the latest ping to the client and back; null if none was answered yet. */
  roundTripMs: number | null
}

/** How many are kept of each process. */
const MAX_BUSIEST = 8
/** With more clients than this, looking at each of them would take time from all of them. */
const MAX_WATCHED = 5000

/** Finds the clients that moved most between two snapshots. */
export class BusiestClients {
  readonly #seen = new WeakMap<WatchedClient, { number: number; bytes: number }>()
  #lastNumber = 0

  /** The busiest first; none if there are too many clients to look at. */
  read(clients: ReadonlySet<WatchedClient>): ClientFigures[] {
    if (clients.size > MAX_WATCHED) return []
    return busiest([...clients].map((client) => this.#figuresOf(client)))
  }

  /** Ends the session of the client with this number. Returns false if there is none. */
  cutOff(clients: ReadonlySet<WatchedClient>, number: number): boolean {
    for (const client of clients) {
      if (this.#seen.get(client)?.number !== number || client.cutOff === undefined) continue
      client.cutOff()
      return true
    }
    return false
  }

  #figuresOf(client: WatchedClient): ClientFigures {
    const { bytesIn, bytesOut, roundTripMs = null, streams, topics, watches } = client.stats
    const total = bytesIn + bytesOut
    const seen = this.#seen.get(client) ?? { number: ++this.#lastNumber, bytes: 0 }
    this.#seen.set(client, { ...seen, bytes: total })
    return {
      pid: process.pid,
      number: seen.number,
      address: client.remoteAddress,
      userAgent: client.userAgent,
      bytes: total - seen.bytes,
      topics: topics + watches,
      streams,
      roundTripMs
    }
  }
}

/** The busiest of these clients, without those that moved nothing. */
export function busiest(clients: readonly ClientFigures[]): ClientFigures[] {
  const active = clients.filter(({ bytes }) => bytes > 0)
  return active.sort((a, b) => b.bytes - a.bytes).slice(0, MAX_BUSIEST)
}
