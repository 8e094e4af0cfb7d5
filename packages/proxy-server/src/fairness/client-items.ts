/** Whose turn an item takes. */
export interface Owner {
  /** See `networkOf`; of its own for a client whose address is unknown. */
  readonly network: string
}

/** Items of one kind and rank, in order of arrival. */
interface Lane<T> {
  readonly rank: number
  readonly kind: unknown
  readonly items: Set<T>
}

/** Items by rank; of one rank, kinds take turns, and of one kind, items are in order of arrival. */
class RankedItems<T> {
  readonly #ranks = new Map<number, Map<unknown, Lane<T>>>()
  readonly #laneOf = new Map<T, Lane<T>>()

  get size(): number {
    return this.#laneOf.size
  }

  has(item: T): boolean {
    return this.#laneOf.has(item)
  }

  add(item: T, rank: number, kind: unknown): void {
    const kinds = this.#ranks.get(rank) ?? new Map<unknown, Lane<T>>()
    const lane = kinds.get(kind) ?? { rank, kind, items: new Set<T>() }
    this.#ranks.set(rank, kinds.set(kind, lane))
    this.#laneOf.set(item, lane)
    lane.items.add(item)
  }

  /** Returns false if it is not there. */
  delete(item: T): boolean {
    const lane = this.#laneOf.get(item)
    if (lane === undefined) return false
    const { items, kind, rank } = lane
    this.#laneOf.delete(item)
    items.delete(item)
    const kinds = this.#ranks.get(rank)
    kinds?.delete(kind)
    if (items.size > 0) kinds?.set(kind, lane)
    else if (kinds?.size === 0) this.#ranks.delete(rank)
    return true
  }

  /** Looks at one item of each kind, however many there are. */
  first(isReady: (item: T) => boolean): { rank: number; item: T } | null {
    for (const rank of [...this.#ranks.keys()].sort((a, b) => a - b))
      for (const { items } of this.#ranks.get(rank)?.values() ?? []) {
        const [item] = items
        if (item !== undefined && isReady(item)) return { rank, item }
      }
    return null
  }
}

/** What waits for one client, apart from each other: what waits for the pace of its network, and what need not. */
export class ClientItems<T> {
  readonly #free = new RankedItems<T>()
  readonly #paced = new RankedItems<T>()

  /** Number of items. */
  get size(): number {
    return this.#free.size + this.#paced.size
  }

  /** Returns false if it waits already. */
  add(item: T, { isPaced, kind, rank }: { isPaced: boolean; kind: unknown; rank: number }): boolean {
    if (this.#free.has(item) || this.#paced.has(item)) return false
    const items = isPaced ? this.#paced : this.#free
    items.add(item, rank, kind)
    return true
  }

  /** Returns which of both it was; null if it is not there. */
  delete(item: T): { isPaced: boolean } | null {
    if (this.#free.delete(item)) return { isPaced: false }
    return this.#paced.delete(item) ? { isPaced: true } : null
  }

  /** The next item that is ready; while `isHeld`, of those that need not wait for the pace. */
  first(isReady: (item: T) => boolean, isHeld: boolean): T | undefined {
    const free = this.#free.first(isReady)
    const paced = isHeld ? null : this.#paced.first(isReady)
    if (free === null || paced === null) return (free ?? paced)?.item
    return free.rank <= paced.rank ? free.item : paced.item
  }
}
