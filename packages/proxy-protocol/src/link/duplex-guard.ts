import { type Clock, unref } from '@swarmway/runtime'
import type { DuplexLike } from './duplex.js'

/** Listeners by event. */
export interface DuplexListeners {
  readonly data: (chunk: unknown) => void
  readonly drain: () => void
  readonly end: () => void
  readonly close: () => void
}

const EVENTS = ['data', 'drain', 'end', 'close'] as const

/** Manages the listeners and the end of a duplex. Catches what the duplex throws while it ends. */
export class DuplexGuard {
  readonly #duplex: DuplexLike
  readonly #clock: Clock
  #listeners: DuplexListeners | null
  #timer: unknown = null

  /**
   * `onError` stays attached for ever: a duplex may fail long after its link has ended, and that must not become an
   * uncaught error.
   */
  constructor(duplex: DuplexLike, clock: Clock, listeners: DuplexListeners, onError: (error: unknown) => void) {
    this.#duplex = duplex
    this.#clock = clock
    this.#listeners = listeners
    duplex.on('error', onError)
    for (const event of EVENTS) duplex.on(event, listeners[event])
  }

  /** Ends the writable side and destroys the duplex if it is still there `lingerMs` later. */
  end(lingerMs: number): void {
    this.#timer = unref(this.#clock.setTimeout(() => this.destroy(), lingerMs))
    attempt(() => this.#duplex.end())
  }

  /** Destroys the duplex now. */
  destroy(): void {
    this.release()
    attempt(() => this.#duplex.destroy())
  }

  /** Removes the timer and all listeners except the one for errors. */
  release(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
    const listeners = this.#listeners
    this.#listeners = null
    if (listeners !== null) for (const event of EVENTS) this.#duplex.removeListener(event, listeners[event])
  }
}

function attempt(action: () => void): void {
  try {
    action()
  } catch {
    // An error while the duplex is torn down is of no interest.
  }
}
