import type { OtherServer } from '@swarmway/proxy-protocol'
import type { Connect, UplinkSettings } from '../../options.js'
import { isSameUrl, roomOf } from '../tries/free-room.js'
import type { Tries } from '../tries/tries.js'
import { HandOver } from './hand-over.js'
import { LearnedServers } from './learned-servers.js'

/** Milliseconds for which a server that said that it stops is not tried again. */
const LEFT_MS = 30_000

/** What {@link OtherServers} needs of the uplink. */
export interface OtherServersHost {
  /** The server that holds the session; null if there is none. */
  holder(): Connect | null
  isConnected(): boolean
  /** Whether nothing would be lost with the present session. */
  isIdle(): boolean
  /** Begins a session there: with `isForced`, whatever is lost by it. */
  move(connect: Connect, isForced: boolean): void
}

/** What the server says about others: which there are, and that the client should go to one of them. */
export class OtherServers {
  readonly #settings: UplinkSettings
  readonly #tries: Tries
  readonly #host: OtherServersHost
  readonly #connects: Connect[]
  readonly #learned: LearnedServers
  readonly #handOver: HandOver
  /** Where a server that is about to stop has sent us. */
  #next: Connect | null = null

  /** Adds those that the server names to `connects`, beside the application's in `settings`. */
  constructor(settings: UplinkSettings, connects: Connect[], tries: Tries, host: OtherServersHost) {
    this.#settings = settings
    this.#connects = connects
    this.#tries = tries
    this.#host = host
    this.#learned = new LearnedServers(settings)
    const isIdle = () => host.isIdle()
    this.#handOver = new HandOver(settings.clock, { isIdle, go: (isForced) => this.#follow(isForced) })
  }

  /** The server has named the other servers of its fleet. */
  learn(told: readonly OtherServer[]): void {
    const { connects, fleet, reconnects } = this.#settings
    if (!reconnects) return
    this.#tries.weigh(({ url }) => roomOf(told.find((server) => isSameUrl(url, server.url))))
    if (fleet === null) return
    const learned = this.#learned.update(told, this.#host.holder())
    this.#connects.splice(0, this.#connects.length, ...connects, ...learned)
    this.#tries.learn(learned)
  }

  /** The server stops within this time, and names another one; '' if it knows none. */
  leave(url: string, withinMs: number): void {
    const holder = this.#host.holder()
    if (holder === null || !this.#settings.reconnects) return
    const other = this.#tries.leave(holder, LEFT_MS)
    const named = this.#learned.find(url)
    this.#next = named === holder ? other : (named ?? other)
    if (this.#next !== null) this.#handOver.begin(withinMs, this.#tries.sentAway())
  }

  stop(): void {
    this.#handOver.stop()
  }

  /** Goes where the server has sent us; if that has failed, to another. */
  #follow(isForced: boolean): void {
    const holder = this.#host.holder()
    if (this.#next === null || holder === null || !this.#host.isConnected()) return
    if (this.#tries.lastCode(this.#next) !== null) this.#next = this.#tries.leave(holder, LEFT_MS) ?? this.#next
    this.#host.move(this.#next, isForced)
  }
}
