import { SERVER_NOTICES, tell } from '@swarmway/proxy-protocol'
import { LazyMap } from '@swarmway/runtime'
import b4a from 'b4a'
import type { Client } from '../client/client.js'
import type { Rendezvous } from './rendezvous.js'

/** Topics checked at the same time, because `allowTopic` may query a database. */
const MAX_CHECKS = 32

/** The topics that one client watches for newcomers. */
export class Watches {
  readonly #rendezvous: Rendezvous
  readonly #client: Client
  readonly #watched = new LazyMap<string, Uint8Array>()
  /** Those whose check has not begun. One that is withdrawn before costs nothing. */
  readonly #unchecked = new LazyMap<string, Uint8Array>()
  #checkCount = 0

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
    this.#unchecked.set(key, topic)
    this.#check()
  }

  /** Handles UNWATCH. */
  delete(topic: Uint8Array): void {
    const key = b4a.toString(topic, 'hex')
    this.#unchecked.delete(key)
    if (this.#watched.delete(key)) this.#rendezvous.unwatch(topic, this.#client)
  }

  /** Ends all watches. */
  destroy(): void {
    for (const topic of [...this.#watched.values()]) this.delete(topic)
  }

  #check(): void {
    for (const [key, topic] of this.#unchecked) {
      if (this.#checkCount >= MAX_CHECKS) return
      this.#unchecked.delete(key)
      void this.#decide(key, topic)
    }
  }

  async #decide(key: string, topic: Uint8Array): Promise<void> {
    this.#checkCount++
    const isAllowed = await this.#client.assertTopic(topic).then(yes, no)
    this.#checkCount--
    const isCurrent = this.#watched.get(key) === topic
    if (isCurrent && isAllowed) this.#rendezvous.watch(topic, this.#client)
    else if (isCurrent) this.#watched.delete(key)
    this.#check()
  }
}

const yes = (): boolean => true
const no = (): boolean => false
