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

interface Line<V> {
  readonly value: V
  /** The turns it has had, on the scale of `#time`. */
  turns: number
}

/** Lines in which something may wait, in the order of their turns: who has had the fewest of late comes first. */
export class Lines<K, V extends { readonly size: number }> {
  readonly #lines = new Map<K, Line<V>>()
  readonly #servedAtOnce: number
  readonly #countsAlone: boolean
  /** What somebody who waits all the time has had in turns. */
  #time = 0

  /**
   * Of `servedAtOnce` lines, none has to be waiting, because something of them is being served. With `countsAlone`, a
   * turn for which no other line waits counts too.
   */
  constructor(servedAtOnce: number, countsAlone = false) {
    this.#servedAtOnce = servedAtOnce
    this.#countsAlone = countsAlone
  }

  /** Number of lines in which something waits. */
  get size(): number {
    return this.#waiting().length
  }

  /** The lines in which something waits. */
  keys(): K[] {
    return this.#waiting().map(([key]) => key)
  }

  get(key: K): V | undefined {
    return this.#lines.get(key)?.value
  }

  /** The line of `key`, created if it is not there. */
  obtain(key: K, create: () => V): V {
    const line = this.#lines.get(key) ?? { value: create(), turns: Number.NEGATIVE_INFINITY }
    if (line.value.size === 0) this.#moveToEnd(key, line)
    return line.value
  }

  /** The lines in which something waits, in the order of their turns; of equals, the one that waits longest. */
  inOrder(): [K, V][] {
    const waiting = this.#waiting().sort(([, a], [, b]) => this.#rank(a) - this.#rank(b))
    return waiting.map(([key, { value }]) => [key, value])
  }

  /** Something of this line is served while as many lines wait. A turn for which no other line waits usually does not count. */
  serve(key: K, waitingCount: number): void {
    const line = this.#lines.get(key)
    if (line === undefined) return
    if (waitingCount > 1 || this.#countsAlone) {
      line.turns = this.#rank(line) + 1
      this.#time = Math.max(this.#time + AGEING / (waitingCount + this.#servedAtOnce), line.turns - 1)
    }
    this.#moveToEnd(key, line)
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
    if (line !== undefined) line.turns--
  }

  /** Takes away what the line is ahead of those who wait all the time. */
  demote(key: K): void {
    const line = this.#lines.get(key)
    if (line !== undefined) line.turns = Math.max(line.turns, this.#time)
  }

  /** Forgets the empty lines that would come first again anyway. */
  prune(): void {
    for (const [key, { turns, value }] of this.#lines)
      if (value.size === 0 && turns <= this.#time - CREDIT_TURNS) this.#lines.delete(key)
  }

  [Symbol.iterator](): IterableIterator<[K, Line<V>]> {
    return this.#lines.entries()
  }

  #rank({ turns }: Line<V>): number {
    return Math.max(turns, this.#time - CREDIT_TURNS)
  }

  #waiting(): [K, Line<V>][] {
    return [...this.#lines].filter(([, { value }]) => value.size > 0)
  }

  #moveToEnd(key: K, line: Line<V>): void {
    this.#lines.delete(key)
    this.#lines.set(key, line)
  }
}
