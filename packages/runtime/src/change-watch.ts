import { type Clock, unref } from './clock.js'

/** Milliseconds between two looks. */
const LOOK_MS = 400

/** Called with the text before and after a change. */
type ChangeListener = (before: string, after: string) => void

/**
 * Notices changes that nobody reports, such as those of the machine's addresses. All watchers with the same clock share
 * one look, and nothing is looked at while nobody watches.
 */
export class ChangeWatch {
  readonly #read: () => string | null
  readonly #looks = new WeakMap<Clock, Looks>()

  /** `read` returns a text that differs after a change, or null where it cannot know: then nothing is noticed. */
  constructor(read: () => string | null) {
    this.#read = read
  }

  /** Calls back after each change, some 400 ms later at most, with both texts. The returned function ends that. */
  watch(clock: Clock, onChange: (before: string, after: string) => void): () => void {
    const looks = this.#looks.get(clock) ?? new Looks(clock, this.#read)
    this.#looks.set(clock, looks)
    return looks.add(onChange)
  }
}

class Looks {
  readonly #clock: Clock
  readonly #read: () => string | null
  readonly #listeners = new Set<{ readonly onChange: ChangeListener }>()
  #timer: unknown = null
  #last: string | null = null

  constructor(clock: Clock, read: () => string | null) {
    this.#clock = clock
    this.#read = read
  }

  add(onChange: ChangeListener): () => void {
    const listener = { onChange }
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#begin()
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
      this.#clock.clearTimeout(this.#timer)
      this.#timer = null
    }
  }

  #begin(): void {
    this.#last = this.#read()
    if (this.#last !== null) this.#arm()
  }

  #arm(): void {
    this.#timer = unref(this.#clock.setTimeout(() => this.#look(), LOOK_MS))
  }

  #look(): void {
    this.#arm()
    const before = this.#last
    const after = this.#read()
    if (before === null || after === null || after === before) return
    this.#last = after
    for (const { onChange } of [...this.#listeners]) onChange(before, after)
  }
}
