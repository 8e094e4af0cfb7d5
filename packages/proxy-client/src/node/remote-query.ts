import type { FoundPeer } from '@swarmway/proxy-protocol'
import type { ClosestNode, Query, QueryReply } from '@swarmway/swarm/core'
import { Readable } from 'streamx'

/** How a query runs: `start` asks the server, `cancel` says that the answer is no longer wanted. */
export interface QueryTask {
  start(query: RemoteQuery): Promise<unknown>
  cancel(): void
  /** The query has ended. */
  onEnd(): void
}

/**
 * A query that the server runs. Only the server knows which nodes it visits: an answered query represents them by one
 * entry, so that `closestNodes` is not empty.
 */
export class RemoteQuery implements Query {
  readonly #replies = new Readable()
  readonly #task: QueryTask
  #hasAnswer = false
  #isAnswered = false
  #arePresent = false
  #error: Error | null = null

  constructor(task: QueryTask) {
    this.#task = task
    // `finished` and iterators get the error; without a listener it would be thrown where nobody can catch it.
    this.#replies.on('error', (error) => {
      this.#error = error
    })
    this.#replies.once('close', () => this.#onClose())
    task.start(this).then(
      () => this.#end(null),
      (error) => this.#end(error)
    )
  }

  get closestNodes(): ClosestNode[] {
    return this.#hasAnswer ? [{ id: null, host: 'proxy', port: 0 }] : []
  }

  [Symbol.asyncIterator](): AsyncIterator<QueryReply> {
    return this.#replies[Symbol.asyncIterator]() as AsyncIterator<QueryReply>
  }

  /** The next peers are connected to the server. */
  expectPresent(): void {
    this.#arePresent = true
  }

  /** Peers have arrived. */
  add(found: FoundPeer[]): void {
    this.#hasAnswer = true
    const peers = this.#arePresent ? found.map((peer) => ({ ...peer, present: true })) : found
    this.#arePresent = false
    if (!this.#replies.destroying && peers.length > 0) this.#replies.push({ peers })
  }

  /** The same for the peers of `findPeer`, which HyperDHT replies one by one. */
  addEach(peers: FoundPeer[]): void {
    this.#hasAnswer = true
    for (const peer of peers) if (!this.#replies.destroying) this.#replies.push({ peers: [peer], peer })
  }

  /** Calls the listener with each reply (`data`), or when the query has ended (`end`, `close`, `error`). */
  on(event: 'data' | 'end' | 'close' | 'error', listener: (reply?: unknown) => void): this {
    this.#replies.on(event, listener)
    return this
  }

  finished(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => (this.#error === null ? resolve() : reject(this.#error))
      if (this.#replies.destroyed) {
        settle()
        return
      }
      this.#replies.once('close', settle)
      this.#replies.resume()
    })
  }

  destroy(error: Error | null = null): void {
    this.#replies.destroy(error)
  }

  #end(error: Error | null): void {
    this.#isAnswered = true
    if (this.#replies.destroying) return
    if (error !== null) {
      this.#replies.destroy(error)
      return
    }
    this.#hasAnswer = true
    this.#replies.push(null)
  }

  #onClose(): void {
    if (!this.#isAnswered) this.#task.cancel()
    this.#task.onEnd()
  }
}
