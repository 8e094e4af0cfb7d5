/** Shared by all maps that are empty. */
const EMPTY: ReadonlyMap<never, never> = new Map<never, never>()

/**
 * A map that takes almost no memory while it is empty, for what thousands of objects have and seldom use. Like a `Map`
 * otherwise, except that an iteration ends when the map is emptied meanwhile, whatever is added afterwards.
 */
export class LazyMap<K, V> {
  #map: Map<K, V> | null = null

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  set(key: K, value: V): this {
    this.#map ??= new Map()
    this.#map.set(key, value)
    return this
  }

  delete(key: K): boolean {
    const had = this.#map?.delete(key) ?? false
    if (this.#map?.size === 0) this.#map = null
    return had
  }

  clear(): void {
    this.#map?.clear()
    this.#map = null
  }

  keys(): IterableIterator<K> {
    return this.#entries.keys()
  }

  values(): IterableIterator<V> {
    return this.#entries.values()
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries[Symbol.iterator]()
  }

  get #entries(): ReadonlyMap<K, V> {
    return this.#map ?? EMPTY
  }
}
