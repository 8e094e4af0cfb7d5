import { Heap, type HeapItem } from './heap.js'

/**
 * Turns that somebody may be ahead of those who wait all the time. So the few requests of a client that joins a topic do
 * not wait behind those who always want something.
 */
const CREDIT_TURNS = 8

/**
 * How fast time passes, compared with the turns of those who wait all the time. It has to pass even if only newcomers
 * are served, because otherwise an endless row of them could keep the others waiting for ever.
 */
const AGEING = 0.5

/** Up to so many lines are looked at after each turn. */
const FEW_LINES = 64

interface Line<K, V> extends HeapItem {
  readonly key: K
  readonly value: V
  /** The turns it has had, on the scale of `#time`. */
  turns: number
  /** Breaks ties: among lines with equal turns, the one with the lowest number comes first. */
  place: number
}

/**
 * Lines in which something may wait, in the order of their turns: who has had the fewest of late comes first. Call `obtain` before
 * you add something to a line, and `serve` or `settle` after you have removed something.
 */
export class Lines<K, V extends { readonly size: number }> {
  readonly #lines = new Map<K, Line<K, V>>()
  readonly #servedAtOnce: number
  readonly #countsAlone: boolean
  /** Those in which something waits, and that are not as far ahead as they may be. */
  readonly #byTurns = new Heap<Line<K, V>>((a, b) => a.turns < b.turns || (a.turns === b.turns && a.place < b.place))
  /** Those that are: more turns that they have not had do not count. They come before the others. */
  readonly #byPlace = new Heap<Line<K, V>>((a, b) => a.place < b.place)
  /** Lines in which something waits that cannot be served for now. */
  readonly #aside = new Set<Line<K, V>>()
  /** What somebody who waits all the time has had in turns. */
  #time = 0
  #places = 0
  #pruneAt = FEW_LINES

  /**
   * Up to `servedAtOnce` lines may be empty because their items are being served. With `countsAlone`, a turn for which no
   * other line waits counts too.
   */
  constructor(servedAtOnce: number, countsAlone = false) {
    this.#servedAtOnce = servedAtOnce
    this.#countsAlone = countsAlone
  }

  /** Number of lines in which something waits. */
  get size(): number {
    return this.#byTurns.size + this.#byPlace.size + this.#aside.size
  }

  get(key: K): V | undefined {
    return this.#lines.get(key)?.value
  }

  /** The line of `key`, created if it is not there. */
  obtain(key: K, create: () => V): V {
    const line = this.#lines.get(key) ?? this.#create(key, create())
    if (line.value.size === 0) line.place = ++this.#places
    this.#arrange(line)
    return line.value
  }

  /** Looks whether something waits in the line, after something was removed. */
  settle(key: K): void {
    const line = this.#lines.get(key)
    if (line === undefined) return
    if (line.value.size === 0) this.#leave(line)
    else if (line.heapIndex < 0 && !this.#aside.has(line)) this.#arrange(line)
  }

  /** The line that is first in order. */
  first(): [K, V] | undefined {
    for (let line = this.#first(); line !== undefined; line = this.#first()) {
      if (line.value.size > 0) return [line.key, line.value]
      this.#leave(line)
    }
    return undefined
  }

  /**
   * The lines in which something waits, in the order of their turns; of equals, the one that waits longest. Mostly the first
   * one is wanted, so the others are put in order only once they are. Nothing may change meanwhile.
   */
  *inOrder(): Generator<[K, V]> {
    this.first()
    for (const heap of [this.#byPlace, this.#byTurns])
      for (const { key, value } of heap.inOrder()) if (value.size > 0) yield [key, value]
  }

  /** The line cannot be served for now: it is not in order until `bringBack`, or until something is added to it. */
  setAside(key: K): void {
    const line = this.#lines.get(key)
    if (line === undefined) return
    this.#leave(line)
    this.#aside.add(line)
  }

  /** Those that were set aside are in order again. */
  bringBack(): void {
    for (const line of this.#aside) this.#arrange(line)
  }

  /** Something of this line is served while as many lines wait. A turn for which no other line waits usually does not count. */
  serve(key: K, waitingCount: number): void {
    const line = this.#lines.get(key)
    if (line === undefined) return
    if (waitingCount > 1 || this.#countsAlone) {
      line.turns = this.#rank(line) + 1
      this.#time = Math.max(this.#time + AGEING / (waitingCount + this.#servedAtOnce), line.turns - 1)
    }
    line.place = ++this.#places
    this.#move(line)
    this.prune()
  }

  /** Whether the line has had clearly fewer turns than those who wait all the time. */
  isAhead(key: K): boolean {
    const line = this.#lines.get(key)
    return line === undefined || this.#rank(line) <= this.#time - CREDIT_TURNS / 2
  }

  /** The latest turn of the line does not count. */
  refund(key: K): void {
    const line = this.#lines.get(key)
    if (line === undefined) return
    line.turns--
    this.#move(line)
  }

  /** Takes away what the line is ahead of those who wait all the time. */
  demote(key: K): void {
    const line = this.#lines.get(key)
    if (line === undefined) return
    line.turns = Math.max(line.turns, this.#time)
    this.#move(line)
  }

  /** Forgets the empty lines that would come first again anyway: at once where lines are few, else now and then. */
  prune(): void {
    const count = this.#lines.size
    if (count > FEW_LINES && count < this.#pruneAt) return
    for (const [key, line] of this.#lines)
      if (line.value.size === 0 && line.turns <= this.#mostAhead) {
        this.#leave(line)
        this.#lines.delete(key)
      }
    this.#pruneAt = Math.max(FEW_LINES, 2 * this.#lines.size)
  }

  get #mostAhead(): number {
    return this.#time - CREDIT_TURNS
  }

  #rank({ turns }: Line<K, V>): number {
    return Math.max(turns, this.#mostAhead)
  }

  #create(key: K, value: V): Line<K, V> {
    const line = { key, value, turns: Number.NEGATIVE_INFINITY, place: ++this.#places, heapIndex: -1 }
    this.#lines.set(key, line)
    return line
  }

  /** Time passes, so that more and more lines are as far ahead as they may be. */
  #first(): Line<K, V> | undefined {
    let next = this.#byTurns.first
    while (next !== undefined && next.turns <= this.#mostAhead) {
      this.#arrange(next)
      next = this.#byTurns.first
    }
    return this.#byPlace.first ?? next
  }

  /** Its turns or its place have changed, if it was in order before. */
  #move(line: Line<K, V>): void {
    if (line.value.size > 0) this.#arrange(line)
    else this.#leave(line)
  }

  #arrange(line: Line<K, V>): void {
    this.#leave(line)
    if (line.turns <= this.#mostAhead) this.#byPlace.add(line)
    else this.#byTurns.add(line)
  }

  #leave(line: Line<K, V>): void {
    if (!this.#byPlace.remove(line) && !this.#byTurns.remove(line)) this.#aside.delete(line)
  }
}
