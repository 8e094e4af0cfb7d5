import type { PeerInfo } from '../peers/peer-info.js'

interface PendingFlush {
  readonly untried: Set<PeerInfo>
  readonly resolve: (isFlushed: boolean) => void
}

/** Calls of `flush` that wait until each peer queued or being dialled at the time of the call has been tried. */
export class Flushes {
  readonly #pending = new Set<PendingFlush>()

  get size(): number {
    return this.#pending.size
  }

  /** Resolves to true when all of `untried` are settled, to false if the swarm is suspended or destroyed first. */
  wait(untried: Iterable<PeerInfo>): Promise<boolean> {
    const peers = new Set(untried)
    if (peers.size === 0) return Promise.resolve(true)
    return new Promise((resolve) => this.#pending.add({ untried: peers, resolve }))
  }

  /** The peer was tried, or no longer needs to be. */
  settle(info: PeerInfo): void {
    for (const flush of this.#pending) {
      if (flush.untried.delete(info) && flush.untried.size === 0) this.#end(flush, true)
    }
  }

  /** Ends all pending flushes: with true if no more peers can be tried now, with false if dialling has stopped. */
  settleAll(isFlushed: boolean): void {
    for (const flush of this.#pending) this.#end(flush, isFlushed)
  }

  #end(flush: PendingFlush, isFlushed: boolean): void {
    this.#pending.delete(flush)
    flush.resolve(isFlushed)
  }
}
