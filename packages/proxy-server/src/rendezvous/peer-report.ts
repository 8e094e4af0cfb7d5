import { type FoundPeer, MAX_PEERS, SERVER_NOTICES, tell } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { Client } from '../client/client.js'

/** Peers that one query reports at most; a DHT lookup finds at most a few hundred. */
const MAX_REPORTED = 8192

/**
 * Reports the peers that a client's query finds: each once, without the client's own keys, those of one turn
 * together.
 */
export class PeerReport {
  readonly #client: Client
  readonly #queryId: number
  readonly #seen: Set<string>
  #waiting: FoundPeer[] = []
  #timer: NodeJS.Immediate | null = null

  /** `own` are the client's keys. */
  constructor(client: Client, queryId: number, own: readonly Uint8Array[]) {
    this.#client = client
    this.#queryId = queryId
    this.#seen = new Set(own.map(keyOf))
  }

  add(peers: readonly FoundPeer[]): void {
    this.#waiting.push(...this.#unseen(peers))
    if (this.#waiting.length > 0) this.#timer ??= setImmediate(() => this.flush())
  }

  /** Reports clients at once, and that they are there: unlike what the DHT names, they cannot be invented. */
  addPresent(peers: readonly FoundPeer[]): void {
    this.flush()
    for (const batch of batches(this.#unseen(peers))) {
      tell(this.#client, SERVER_NOTICES.PRESENT, this.#queryId)
      tell(this.#client, SERVER_NOTICES.PEERS, { queryId: this.#queryId, peers: batch })
    }
  }

  /** Reports nothing more. */
  drop(): void {
    this.#waiting = []
    this.flush()
  }

  /** Sends the waiting peers. Call it before the query's answer. */
  flush(): void {
    if (this.#timer !== null) clearImmediate(this.#timer)
    this.#timer = null
    const peers = this.#waiting
    this.#waiting = []
    for (const batch of batches(peers)) {
      tell(this.#client, SERVER_NOTICES.PEERS, { queryId: this.#queryId, peers: batch })
    }
  }

  #unseen(peers: readonly FoundPeer[]): FoundPeer[] {
    return peers.filter(({ publicKey }) => {
      const key = keyOf(publicKey)
      if (this.#seen.has(key) || this.#seen.size >= MAX_REPORTED) return false
      this.#seen.add(key)
      return true
    })
  }
}

/** Splits a list of peers so that each part fits into a notification. */
export function batches(peers: readonly FoundPeer[]): FoundPeer[][] {
  const count = Math.ceil(peers.length / MAX_PEERS)
  return Array.from({ length: count }, (_, i) => peers.slice(i * MAX_PEERS, (i + 1) * MAX_PEERS))
}

function keyOf(publicKey: Uint8Array): string {
  return b4a.toString(publicKey, 'latin1')
}
