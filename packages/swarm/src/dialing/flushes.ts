import type { PeerInfo } from '../peers/peer-info.js'

interface PendingFlush {
  readonly untried: Set<PeerInfo>
  readonly resolve: (isFlushed: boolean) => void
}

/** Calls of `flush` that wait until each peer queued or being dialled at the time of the call has been tried. */
export class Flushes {
  readonly #pending = new Set<PendingFlush>()
  /** Peers whose dial is kept instead of ours and whose connection has not arrived yet: not yet tried to the end. */
  readonly #crossed = new Set<PeerInfo>()

  get size(): number {
    return this.#pending.size
  }

  /**
   * Resolves to true when all of `untried` and all deferred peers are settled, to false if the swarm is suspended or
   * destroyed first.
   */
  wait(untried: Iterable<PeerInfo>): Promise<boolean> {
    const peers = new Set([...untried, ...this.#crossed])
    if (peers.size === 0) return Promise.resolve(true)
    return new Promise((resolve) => this.#pending.add({ untried: peers, resolve }))
  }

  /** The peer was tried, or no longer needs to be. */
  settle(info: PeerInfo): void {
    this.#crossed.delete(info)
    for (const flush of this.#pending) {
      if (flush.untried.delete(info) && flush.untried.size === 0) this.#end(flush, true)
    }
  }

  /**
   * Our dial crossed the peer's own, which may still lead to a connection: the peer is settled later. Only once: a peer
   * that claims to dial us and never does must not keep anybody waiting.
   */
  defer(info: PeerInfo): void {
    if (this.#crossed.has(info)) this.settle(info)
    else this.#crossed.add(info)
  }

  /** There is no room to try more: ends all, unless a deferred peer may still connect. */
  onIdle(): void {
    if (this.#crossed.size === 0) this.#endAll(true)
  }

  /** Trying has stopped: ends all. */
  stop(): void {
    this.#crossed.clear()
    this.#endAll(false)
  }

  #endAll(isFlushed: boolean): void {
    for (const flush of this.#pending) this.#end(flush, isFlushed)
  }

  #end(flush: PendingFlush, isFlushed: boolean): void {
    this.#pending.delete(flush)
    flush.resolve(isFlushed)
  }
}
