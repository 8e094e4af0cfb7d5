/** Whose turn an item takes. */
export interface Owner {
  /** See `networkOf`; of its own for a client whose address is unknown. */
  readonly network: string
}

/**
 * What waits, given out in turn: by network, then by client, then in order of arrival. So a client waits for as many
 * others as there are networks, however much those have asked for, and however many clients they pretend to be.
 */
export class FairQueue<T> {
  readonly #networks = new Map<string, Map<Owner, T[]>>()
  #size = 0

  /** Items waiting. */
  get size(): number {
    return this.#size
  }

  push(owner: Owner, item: T): void {
    const clients = this.#networks.get(owner.network) ?? new Map<Owner, T[]>()
    this.#networks.set(owner.network, clients)
    const items = clients.get(owner) ?? []
    clients.set(owner, items)
    items.push(item)
    this.#size++
  }

  /** The next item for which `isReady` holds; its client and network go to the end of the line. */
  shift(isReady: (item: T) => boolean = () => true): T | undefined {
    for (const [network, clients] of this.#networks) {
      for (const [client, items] of clients) {
        const index = items.findIndex(isReady)
        if (index < 0) continue
        const [item] = items.splice(index, 1)
        this.#size--
        requeue(clients, client, items.length > 0)
        requeue(this.#networks, network, clients.size > 0)
        return item
      }
    }
    return undefined
  }

  /** Removes an item that is no longer wanted. Returns false if it is not waiting. */
  delete(owner: Owner, item: T): boolean {
    const clients = this.#networks.get(owner.network)
    const items = clients?.get(owner) ?? []
    const index = items.indexOf(item)
    if (clients === undefined || index < 0) return false
    items.splice(index, 1)
    this.#size--
    if (items.length === 0) clients.delete(owner)
    if (clients.size === 0) this.#networks.delete(owner.network)
    return true
  }
}

/** Moves an entry to the end of a map, or drops it. */
function requeue<K, V>(map: Map<K, V>, key: K, isKept: boolean): void {
  const value = map.get(key)
  map.delete(key)
  if (isKept && value !== undefined) map.set(key, value)
}
