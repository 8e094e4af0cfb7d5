import type { OtherServer } from '@swarmway/proxy-protocol'
import type { Connect, UplinkSettings } from '../../options.js'
import { inRandomOrder, isSameUrl, roomOf } from '../tries/free-room.js'

/** Servers that are remembered. */
const MAX_LEARNED = 32

/** The servers that a server has named to the client, each with one `Connect` for as long as it is named. */
export class LearnedServers {
  readonly #settings: Pick<UplinkSettings, 'fleet' | 'connects' | 'random'>
  #learned = new Map<string, Connect>()

  constructor(settings: Pick<UplinkSettings, 'fleet' | 'connects' | 'random'>) {
    this.#settings = settings
  }

  /**
   * The servers to use beside those of the application, in a random order in which those with much room are early. `told`
   * are those that the server `by` has named. `by` stays and comes first, so that none of them is better: clients would
   * wander from one to the next.
   */
  update(told: readonly OtherServer[], by: Connect | null): readonly Connect[] {
    const learned = new Map([...this.#learned].filter(([, connect]) => connect === by))
    for (const { url } of inRandomOrder(told, roomOf, this.#settings.random)) {
      const connect = learned.size < MAX_LEARNED && this.#isNew(url) && mayFollow(url, by) ? this.#connectTo(url) : null
      if (connect !== null) learned.set(url, connect)
    }
    this.#learned = learned
    return [...learned.values()]
  }

  /** The way to the server with this URL, if it is known. */
  find(url: string): Connect | null {
    return this.#learned.get(url) ?? this.#settings.connects.find((connect) => isSameUrl(connect.url, url)) ?? null
  }

  #isNew(url: string): boolean {
    return !this.#settings.connects.some((connect) => isSameUrl(connect.url, url))
  }

  /** The application's function refuses a URL by throwing; what a server has named must not end the process. */
  #connectTo(url: string): Connect | null {
    const known = this.#learned.get(url)
    const { fleet } = this.#settings
    if (known !== undefined || fleet === null) return known ?? null
    try {
      const made = fleet(url)
      return typeof made === 'function' ? made : (made[0] ?? null)
    } catch {
      return null
    }
  }
}

/** A server that was reached safely leads to no other that is not. */
function mayFollow(url: string, by: Connect | null): boolean {
  return by?.url?.startsWith('wss:') !== true || url.startsWith('wss:')
}
