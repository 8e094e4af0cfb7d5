import { callApplication } from '@swarmway/runtime'
import type { AbortSignalLike } from '@swarmway/swarm/core'

/** The part of an `AbortController` that is used. */
export interface Abort {
  readonly signal: AbortSignalLike
  abort(): void
}

/** Declared here because neither DOM nor Node types may be assumed. */
const platform = globalThis as unknown as { readonly AbortController?: new () => Abort }

/** An `AbortController` of the platform, or what is used of one where there is none, as in Bare. */
export function createAbort(): Abort {
  return platform.AbortController === undefined ? new PlainAbort() : new platform.AbortController()
}

class PlainAbort implements Abort {
  readonly #listeners = new Set<() => void>()
  #aborted = false
  readonly signal: AbortSignalLike

  constructor() {
    const isAborted = () => this.#aborted
    this.signal = {
      get aborted() {
        return isAborted()
      },
      reason: undefined,
      addEventListener: (_type, listener) => void this.#listeners.add(listener),
      removeEventListener: (_type, listener) => void this.#listeners.delete(listener)
    }
  }

  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    // Some are the application's, of what its `connect` began.
    for (const listener of this.#listeners) callApplication(listener, () => {})
    this.#listeners.clear()
  }
}
