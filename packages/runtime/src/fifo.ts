const FIRST_SLOTS = 2
/** More are given back when the queue is empty. */
const MAX_KEPT_SLOTS = 1024

/** Shared by queues that were never used. Growing replaces it. */
const NO_SLOTS: never[] = []

/**
 * A queue in a ring buffer that doubles when full; an unused one takes almost no memory. Slots are cleared when their
 * item is taken, so that nothing is kept alive by accident.
 */
export class Fifo<T> {
  #slots: (T | undefined)[] = NO_SLOTS
  #head = 0
  #length = 0

  /** Items waiting. */
  get length(): number {
    return this.#length
  }

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item
    this.#length++
  }

  /** Removes and returns the first item. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#length--
    if (this.#length === 0 && this.#slots.length > MAX_KEPT_SLOTS) this.clear()
    return item
  }

  /** The item at an index from the front; it stays in the queue. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)]
  }

  /** Drops all items and releases the memory. */
  clear(): void {
    this.#slots = NO_SLOTS
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
