import { SERVER_NOTICES, tell } from '@swarmway/proxy-protocol'
import { LazyMap } from '@swarmway/runtime'
import b4a from 'b4a'
import type { Client } from '../client/client.js'
import type { Rendezvous } from './rendezvous.js'

/** The topics that one client watches for newcomers. */
export class Watches {
  readonly #rendezvous: Rendezvous
  readonly #client: Client
  readonly #watched = new LazyMap<string, Uint8Array>()

  constructor(rendezvous: Rendezvous, client: Client) {
    this.#rendezvous = rendezvous
    this.#client = client
  }

  get size(): number {
    return this.#watched.size
  }

  /** The topics. */
  topics(): Uint8Array[] {
    return [...this.#watched.values()]
  }

  /** Handles WATCH. A surplus one is refused; a forbidden one is ignored, as the client's queries say so. */
  add(topic: Uint8Array): void {
    const key = b4a.toString(topic, 'hex')
    if (this.#watched.has(key)) return
    if (this.#watched.size >= this.#client.limits.maxWatches) {
      const error = this.#client.atLimit('maxWatches', 'watched topics')
      tell(this.#client, SERVER_NOTICES.WATCH_REFUSED, { topic, error })
      return
    }
    this.#watched.set(key, topic)
    this.#client.assertTopic(topic).then(
      () => {
        if (this.#watched.get(key) === topic) this.#rendezvous.watch(topic, this.#client)
      },
      () => {
        if (this.#watched.get(key) === topic) this.#watched.delete(key)
      }
    )
  }

  /** Handles UNWATCH. */
  delete(topic: Uint8Array): void {
    if (this.#watched.delete(b4a.toString(topic, 'hex'))) this.#rendezvous.unwatch(topic, this.#client)
  }

  /** Ends all watches. */
  destroy(): void {
    for (const topic of [...this.#watched.values()]) this.delete(topic)
  }
}
