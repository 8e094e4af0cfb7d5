import { type TopicHex, topicHex } from '../util/topic.js'
import { type Callback, later } from './callbacks.js'

/** Callbacks that wait until their topic has been announced or looked up. */
export class JoinWaits {
  readonly #waiting = new Map<TopicHex, Callback[]>()

  add(topic: Uint8Array, callback: Callback): void {
    const key = topicHex(topic)
    this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), callback])
  }

  /** The topic has been announced; with an error, it will not be. */
  settle(topic: Uint8Array, error: Error | null): void {
    this.#settle(topicHex(topic), error)
  }

  settleAll(error: Error): void {
    for (const key of [...this.#waiting.keys()]) this.#settle(key, error)
  }

  #settle(key: TopicHex, error: Error | null): void {
    const callbacks = this.#waiting.get(key) ?? []
    this.#waiting.delete(key)
    for (const callback of callbacks) later(() => callback(error))
  }
}
