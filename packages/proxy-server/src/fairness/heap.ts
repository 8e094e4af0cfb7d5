/** What is in a heap knows its place in it; -1: it is in none. */
export interface HeapItem {
  heapIndex: number
}

interface Candidate<T> extends HeapItem {
  readonly item: T
  readonly index: number
}

/** Items of which the first one is at hand. Adding and removing take time by the logarithm of their number. */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = []
  readonly #isBefore: (one: T, other: T) => boolean

  /** The order of items must not change while they are in the heap. */
  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    this.#put(item, this.#items.length)
    this.#rise(item)
  }

  /** Returns false if it is not there. */
  remove(item: T): boolean {
    const index = item.heapIndex
    if (this.#items[index] !== item) return false
    const last = this.#items.pop()
    item.heapIndex = -1
    if (last === undefined || last === item) return true
    this.#put(last, index)
    this.#rise(last)
    this.#sink(last)
    return true
  }

  /** The items in order, sorted no further than they are asked for. The heap must not change meanwhile. */
  *inOrder(): Generator<T> {
    const next = new Heap<Candidate<T>>((one, other) => this.#isBefore(one.item, other.item))
    const offer = (index: number): void => {
      const item = this.#items[index]
      if (item !== undefined) next.add({ item, index, heapIndex: -1 })
    }
    offer(0)
    for (let best = next.first; best !== undefined; best = next.first) {
      next.remove(best)
      yield best.item
      offer(2 * best.index + 1)
      offer(2 * best.index + 2)
    }
  }

  #rise(item: T): void {
    for (;;) {
      const parent = this.#items[(item.heapIndex - 1) >> 1]
      if (parent === undefined || !this.#isBefore(item, parent)) return
      this.#swap(item, parent)
    }
  }

  #sink(item: T): void {
    for (;;) {
      const [left, right] = [this.#items[2 * item.heapIndex + 1], this.#items[2 * item.heapIndex + 2]]
      const child = left !== undefined && right !== undefined && this.#isBefore(right, left) ? right : left
      if (child === undefined || !this.#isBefore(child, item)) return
      this.#swap(child, item)
    }
  }

  #swap(one: T, other: T): void {
    const index = one.heapIndex
    this.#put(one, other.heapIndex)
    this.#put(other, index)
  }

  #put(item: T, index: number): void {
    this.#items[index] = item
    item.heapIndex = index
  }
}
