import { type Clock, type MonotonicMs, monotonicMs } from '@swarmway/runtime'
import type { PublicKeyHex } from '../util/keys.js'
import type { PeerInfo } from './peer-info.js'

/** Most peers that are remembered. A record takes about a kilobyte. */
const MAX_REMEMBERED = 1024
/** Milliseconds for which a peer is remembered. As long as the usual time between two lookups. */
const REMEMBERED_MS = 10 * 60_000

/**
 * What is known of peers that nothing holds any more. A peer that comes back while it is remembered is not a stranger:
 * its backoff continues, and what the application said of it still holds.
 */
export class RecentPeers {
  readonly #clock: Clock
  /** The one that was released first comes first. */
  readonly #peers = new Map<PublicKeyHex, { readonly info: PeerInfo; readonly untilMs: MonotonicMs }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(key: PublicKeyHex, info: PeerInfo): void {
    this.#peers.delete(key)
    this.#peers.set(key, { info, untilMs: monotonicMs(this.#clock.now() + REMEMBERED_MS) })
    for (const [oldest, { untilMs }] of this.#peers) {
      if (this.#peers.size <= MAX_REMEMBERED && untilMs > this.#clock.now()) break
      this.#peers.delete(oldest)
    }
  }

  get(key: PublicKeyHex): PeerInfo | undefined {
    const known = this.#peers.get(key)
    return known !== undefined && known.untilMs > this.#clock.now() ? known.info : undefined
  }

  /** Returns the peer and forgets it. */
  take(key: PublicKeyHex): PeerInfo | undefined {
    const info = this.get(key)
    this.#peers.delete(key)
    return info
  }
}
