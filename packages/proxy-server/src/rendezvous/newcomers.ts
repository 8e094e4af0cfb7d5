import type { Clock, MonotonicMs } from '@swarmway/runtime'
import type { Client } from '../client/client.js'

/** A client's key on a topic. */
export interface Announcer {
  readonly client: Client
  readonly publicKey: Uint8Array
  /** The key in hex. */
  readonly name: string
}

/** Milliseconds in which watchers hear of a key once. It may take twice as long until they hear of it again. */
export const REPORT_INTERVAL_MS = 2500
/** Most keys of one client that are reported in this time. */
const MAX_KEYS = 64

/** What was reported of one client, and what has to wait. */
interface ClientNews {
  readonly toldAt: Map<string, MonotonicMs>
  readonly later: Map<string, Announcer>
}

/**
 * Decides when the watchers of a topic hear of its newcomers: at once, those of one turn together. Keys that come and go
 * are reported now and then, and only if they are still there: each announcement would cost a message to every watcher.
 */
export class Newcomers {
  readonly #clock: Clock
  readonly #isPresent: (announcer: Announcer) => boolean
  readonly #onDue: (announcers: readonly Announcer[]) => void
  readonly #news = new Map<Client, ClientNews>()
  #due = new Map<string, Announcer>()
  #immediate: NodeJS.Immediate | null = null
  #timer: unknown = null

  /** `isPresent` tells whether a key is still announced. */
  constructor(
    clock: Clock,
    isPresent: (announcer: Announcer) => boolean,
    onDue: (announcers: readonly Announcer[]) => void
  ) {
    this.#clock = clock
    this.#isPresent = isPresent
    this.#onDue = onDue
  }

  add(announcer: Announcer): void {
    const { client, name } = announcer
    const news = this.#news.get(client) ?? { toldAt: new Map(), later: new Map() }
    this.#news.set(client, news)
    if (news.toldAt.has(name) || news.toldAt.size >= MAX_KEYS) this.#postpone(news, announcer)
    else this.#tell(news, announcer)
    this.#timer ??= this.#clock.setTimeout(() => this.#sweep(), REPORT_INTERVAL_MS)
  }

  /** Reports nothing more. */
  destroy(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate)
    this.#clock.clearTimeout(this.#timer)
  }

  #tell(news: ClientNews, announcer: Announcer): void {
    news.toldAt.set(announcer.name, this.#clock.now())
    this.#due.set(announcer.name, announcer)
    this.#immediate ??= setImmediate(() => this.#flush())
  }

  /** What waits is bounded by the keys that the client announces. */
  #postpone(news: ClientNews, announcer: Announcer): void {
    for (const [name, other] of news.later) if (!this.#isPresent(other)) news.later.delete(name)
    news.later.set(announcer.name, announcer)
  }

  #flush(): void {
    this.#immediate = null
    const due = [...this.#due.values()].filter((announcer) => this.#isPresent(announcer))
    this.#due = new Map()
    if (due.length > 0) this.#onDue(due)
  }

  #sweep(): void {
    this.#timer = null
    const isOver = (toldAt: MonotonicMs) => this.#clock.now() - toldAt >= REPORT_INTERVAL_MS
    for (const [client, news] of [...this.#news]) {
      for (const [name, toldAt] of news.toldAt) if (isOver(toldAt)) news.toldAt.delete(name)
      const later = [...news.later.values()].filter((announcer) => this.#isPresent(announcer))
      news.later.clear()
      for (const announcer of later) this.add(announcer)
      if (news.toldAt.size + news.later.size === 0) this.#news.delete(client)
    }
    if (this.#news.size > 0) this.#timer ??= this.#clock.setTimeout(() => this.#sweep(), REPORT_INTERVAL_MS)
  }
}
