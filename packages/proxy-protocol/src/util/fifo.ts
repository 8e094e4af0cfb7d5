const FIRST_SLOTS = 8

/**
 * A queue in a ring that doubles when full; one that was never used occupies next to nothing. Taken slots are emptied,
 * so that nothing is kept alive by accident.
 */
export class Fifo<T> {
  #slots: (T | undefined)[] = []
  #head = 0
  #length = 0

  /** Items waiting. */
  get length(): number {
    return this.#length
  }

  /** Adds at the end. */
  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item
    this.#length++
  }

  /** Takes the first. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#length--
    return item
  }

  /** The item at an index from the front, not taken. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)]
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    this.#slots = []
    this.#head = 0
    this.#length = 0
  }

  #grow(): void {
    const slots: (T | undefined)[] = new Array(Math.max(FIRST_SLOTS, this.#slots.length * 2)).fill(undefined)
    for (let i = 0; i < this.#length; i++) slots[i] = this.at(i)
    this.#slots = slots
    this.#head = 0
  }
}
