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
  #pruneAt = FEW_LINES

  /**
   * Up to `servedAtOnce` lines may be empty because their items are being served. With `countsAlone`, a turn for which no
   * other line waits counts too.
   */
  constructor(servedAtOnce: number, countsAlone = false) {
    this.#servedAtOnce = servedAtOnce
    this.#countsAlone = countsAlone
  }

  /** Number of lines in which something waits. Looks at all of them. */
  get size(): number {
    let count = 0
    for (const { value } of this.#lines.values()) if (value.size > 0) count++
    return count
  }

  /** Whether something waits in a line for which `isFit` holds. */
  some(isFit: (key: K, value: V) => boolean = () => true): boolean {
    for (const [key, { value }] of this.#lines) if (value.size > 0 && isFit(key, value)) return true
    return false
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

  /**
   * The lines in which something waits and for which `isFit` holds, in the order of their turns; of equals, the one that
   * waits longest. Mostly the first one is wanted, so the others are sorted only once they are.
   */
  *inOrder(isFit: (key: K, value: V) => boolean = () => true): Generator<[K, V]> {
    const first = this.#first()
    if (first === undefined) return
    const [key, { value }] = first
    if (isFit(key, value)) yield [key, value]
    const others = [...this.#lines].filter(
      ([name, line]) => line.value.size > 0 && name !== key && isFit(name, line.value)
    )
    others.sort(([, a], [, b]) => this.#rank(a) - this.#rank(b))
    for (const [name, line] of others) yield [name, line.value]
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

  /** Forgets the empty lines that would come first again anyway: at once where lines are few, else now and then. */
  prune(): void {
    const count = this.#lines.size
    if (count > FEW_LINES && count < this.#pruneAt) return
    for (const [key, { turns, value }] of this.#lines)
      if (value.size === 0 && turns <= this.#time - CREDIT_TURNS) this.#lines.delete(key)
    this.#pruneAt = Math.max(FEW_LINES, 2 * this.#lines.size)
  }

  [Symbol.iterator](): IterableIterator<[K, Line<V>]> {
    return this.#lines.entries()
  }

  #rank({ turns }: Line<V>): number {
    return Math.max(turns, this.#time - CREDIT_TURNS)
  }

  #first(): [K, Line<V>] | undefined {
    let first: [K, Line<V>] | undefined
    for (const entry of this.#lines)
      if (entry[1].value.size > 0 && (first === undefined || this.#rank(entry[1]) < this.#rank(first[1]))) first = entry
    return first
  }

  #moveToEnd(key: K, line: Line<V>): void {
    this.#lines.delete(key)
    this.#lines.set(key, line)
  }
}
