import type { Core } from '../share/packages.js'

/** Milliseconds between two looks. */
const LOOK_MS = 1000

/** What a peer has of a core. Not a public part of Hypercore. */
interface CorePeer {
  /** Whether it is asked for nothing. */
  paused: boolean
  /** How many blocks it did not have although it had said so. */
  readonly stats: { notAvailableBackoffs: number }
  readonly replicator: { updatePeer(peer: CorePeer): void }
}

/**
 * Peers that lacked 32 blocks are asked again: Hypercore asks them for nothing more, as long as they are connected. A sharer lacks
 * as many when one large file has changed there, and has the others. Returns what ends this.
 */
export function askAgain(core: Core): () => void {
  const timer = setInterval(() => {
    for (const peer of core.peers as readonly CorePeer[]) {
      if (!peer.paused || peer.stats.notAvailableBackoffs === 0) continue
      peer.paused = false
      peer.stats.notAvailableBackoffs = 0
      peer.replicator.updatePeer(peer)
    }
  }, LOOK_MS)
  return () => clearInterval(timer)
}
