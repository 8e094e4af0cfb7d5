import { callApplication } from '../application.js'
import type { TraceListener, TraceRecord } from './events.js'
import { diagnosticsChannel } from './platform.js'

/** Carries the records of an area to its subscribers. */
export interface TraceChannel {
  readonly hasSubscribers: boolean
  publish(record: TraceRecord): void
  /** Returns a function that ends the subscription. A listener may subscribe once. */
  subscribe(listener: TraceListener): () => void
}

/** A channel of `node:diagnostics_channel`, or one of our own where there is none. */
export function createChannel(name: string, diagnostics = diagnosticsChannel()): TraceChannel {
  if (diagnostics === null) return new LocalChannel()
  const channel = diagnostics.channel(name)
  return {
    get hasSubscribers() {
      return channel.hasSubscribers
    },
    publish: (record) => channel.publish(record),
    subscribe(listener) {
      diagnostics.subscribe(name, listener)
      return () => void diagnostics.unsubscribe(name, listener)
    }
  }
}

class LocalChannel implements TraceChannel {
  readonly #listeners = new Set<TraceListener>()

  get hasSubscribers(): boolean {
    return this.#listeners.size > 0
  }

  publish(record: TraceRecord): void {
    for (const listener of [...this.#listeners]) callApplication(() => listener(record), ignore)
  }

  subscribe(listener: TraceListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

function ignore(): void {}
