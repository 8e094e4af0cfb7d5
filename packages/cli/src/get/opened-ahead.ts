import type { PartFile } from './part-file.js'

/** How many unfinished files are open at a time. To make one takes longer than to write what most files have. */
const MAX_OPEN = 8

/** Opens the files of a download before they are written, several at once. */
export class OpenedAhead<T extends { readonly part: PartFile }> {
  readonly #works: readonly T[]
  readonly #open: (work: T) => Promise<void>
  /** Those that are not taken yet. */
  readonly #opening = new Map<number, Promise<void>>()
  #next = 0

  constructor(works: readonly T[], open: (work: T) => Promise<void>) {
    this.#works = works
    this.#open = open
  }

  /** Resolves when the file with this number is open; its user closes it. They are taken in order. */
  async take(number: number): Promise<void> {
    while (this.#next < number + MAX_OPEN && this.#openNext()) {}
    await this.#opening.get(number)
    this.#opening.delete(number)
  }

  /** Closes those that were not taken. */
  async close(): Promise<void> {
    this.#next = this.#works.length
    await Promise.allSettled(this.#opening.values())
    for (const number of this.#opening.keys()) this.#close(number)
  }

  /** Nothing was written to it: an error of closing it would only hide why the download ends. */
  #close(number: number): void {
    try {
      this.#works[number]?.part.close()
    } catch {}
  }

  #openNext(): boolean {
    const work = this.#works[this.#next]
    if (work === undefined) return false
    const opening = (async () => this.#open(work))()
    // The error reaches the caller of `take`.
    opening.catch(() => {})
    this.#opening.set(this.#next++, opening)
    return true
  }
}
