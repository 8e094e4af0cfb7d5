/// <reference lib="esnext.disposable" preserve="true" />

import { codeOf, SwarmError } from '../errors.js'
import type { DiscoveredPeer } from '../network/dht-node.js'
import type { DiscoveryContext, DiscoverySwarm, DiscoveryUser } from './discovery-context.js'
import { DiscoveryQuery } from './discovery-query.js'
import { TopicFinders } from './finder.js'
import type { QueryKind } from './scheduler.js'
import { Timetable } from './timetable.js'
import { TopicQueries } from './topic-queries.js'

/** Finds and announces peers of one topic, for all sessions that joined it. */
export class PeerDiscovery {
  /** The topic, 32 bytes. */
  readonly topic: Uint8Array
  /** The key of the group whose members may be on the topic, null if it is open to all. */
  readonly group: Uint8Array | null
  /** Whether the swarm is suspended, so that nothing is looked up. */
  suspended: boolean
  readonly #context: DiscoveryContext
  readonly #sessions = new Set<DiscoveryUser>()
  readonly #timetable: Timetable
  readonly #queries: TopicQueries
  readonly #wait: Promise<unknown> | null
  /** The lookup or announce in progress. */
  #query: DiscoveryQuery | null = null
  /** Whether the last lookup or announce succeeded, re-lookups aside; null before the first has ended. */
  #lastIsDone: boolean | null = null
  #destroying: Promise<void> | null = null
  #unwatch: (() => void) | null = null
  #finders: TopicFinders | null = null
  /** Whether the last query was refused because there are too many. */
  #isAtLimit = false

  /** @internal `wait` is for unfinished work on the same topic; for `putOff` see {@link Timetable}. */
  constructor(
    context: DiscoveryContext,
    topic: Uint8Array,
    suspended: boolean,
    wait: Promise<unknown> | null,
    group: Uint8Array | null,
    putOff: Set<Timetable>
  ) {
    this.#context = context
    this.topic = topic
    this.group = group
    this.suspended = suspended
    this.#wait = wait
    this.#queries = new TopicQueries(context, topic)
    const { clock, random } = context
    this.#timetable = new Timetable(
      { clock, random, wantsPeers: () => this.#wantsPeers(), onDue: (kind) => this.#onDue(kind) },
      putOff
    )
    this.#timetable.restart()
  }

  /** The swarm that joined. */
  get swarm(): DiscoverySwarm {
    return this.#context.swarm
  }

  /** Whether any session looks up. */
  get isClient(): boolean {
    return this.#hasSession((session) => session.isClient)
  }

  /** Whether any session announces. */
  get isServer(): boolean {
    return this.#hasSession((session) => session.isServer)
  }

  /** Most connections for this topic: the largest of the sessions' limits. */
  get limit(): number {
    let limit = 0
    for (const session of this.#sessions) limit = Math.max(limit, session.limit)
    return limit
  }

  /** Whether there was no room for it. */
  get isAtLimit(): boolean {
    return this.#isAtLimit && this.#isActive()
  }

  /** Whether the topic was left. */
  get destroyed(): boolean {
    return this.#destroying !== null
  }

  /** A session began. @internal */
  attach(session: DiscoveryUser): void {
    if (this.destroyed) throw new SwarmError('DESTROYED', 'this topic was left')
    this.#sessions.add(session)
  }

  /** A session ended. Resolves when the topic is withdrawn, if nothing else needs it. @internal */
  async release(session: DiscoveryUser): Promise<void> {
    if (this.destroyed || !this.#sessions.delete(session)) return
    this.#finders?.update(this)
    if (this.#sessions.size === 0) await this.#context.swarm.leave(this.topic)
    else if (this.#queries.isAnnounced && !this.isServer) await this.refresh().catch(ignore)
  }

  /** Looks up and announces now, according to the sessions' modes. Resolves to whether it succeeded. */
  refresh(): Promise<boolean> {
    if (this.destroyed) return Promise.reject(new SwarmError('DESTROYED', 'this topic was left'))
    if (this.suspended) return Promise.resolve(false)
    const { isClient, isServer } = this
    const current = this.#query
    const isSame = current?.plan.isClient === isClient && current.plan.isServer === isServer
    if (isSame && !current.isRelookup) return current.done
    return this.#begin('join')
  }

  /** Refreshes in the background: something about the network has changed. @internal */
  refreshLater(): void {
    if (!this.#isActive() || this.#query?.isRelookup === false) return
    void this.#begin('refresh')
  }

  /** Begins again what was begun without a network, and looks as after a join: others may be coming back as well. @internal */
  restart(): void {
    if (this.#isActive()) void this.#begin('join')
  }

  /**
   * Resolves to whether the topic was looked up or announced: by the query in progress, otherwise by the last one. So it
   * tells a failure each time it is asked, until a later query succeeds.
   */
  flushed(): Promise<boolean> {
    const queried = this.#queried()
    return this.#finders === null ? queried : this.#flushedWith(this.#finders, queried)
  }

  /** @internal */
  suspend(): Promise<void> {
    this.suspended = true
    return this.#withdraw()
  }

  /** @internal */
  resume(): void {
    if (!this.suspended || this.destroyed) return
    this.suspended = false
    this.#timetable.restart()
    void this.#begin('join')
  }

  /** Leaves the topic, without withdrawing the announcement if `isForced`. @internal */
  destroy(isForced = false): Promise<void> {
    if (this.#destroying === null) {
      for (const session of this.#sessions) session.detach()
      // Set first, so that whatever comes back finds the topic gone.
      this.#destroying = Promise.resolve()
      this.#destroying = this.#withdraw(isForced)
    }
    return this.#destroying
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#context.swarm.leave(this.topic)
  }

  #hasSession(matches: (session: DiscoveryUser) => boolean): boolean {
    for (const session of this.#sessions) if (matches(session)) return true
    return false
  }

  #isActive(): boolean {
    return !this.destroyed && !this.suspended
  }

  /** Waits for the query in progress, and for the one that takes its place if it is begun again. */
  async #queried(): Promise<boolean> {
    const query = this.#query
    if (query === null || query.isRelookup) return !this.destroyed && this.#lastIsDone !== false
    const isDone = await query.done
    return !isDone && this.#isActive() && this.#query !== null ? this.#queried() : isDone
  }

  #begin(kind: QueryKind): Promise<boolean> {
    this.#cancelQuery()
    this.#timetable.clear()
    if (kind === 'join') this.#timetable.restart()
    if (!this.isClient) this.#timetable.skipRelookups()
    this.#watch()
    this.#find()
    const { isClient, isServer, topic } = this
    this.#query = new DiscoveryQuery(
      this.#context,
      this.#queries,
      { topic, kind, isClient, isServer, wait: this.#wait },
      {
        onPeer: (peer, isNews) => this.#onPeer(peer, isNews),
        onEnd: (query, isDone, error) => this.#onEnd(query, isDone, error)
      }
    )
    return this.#query.start()
  }

  #onPeer(peer: DiscoveredPeer, isNews: boolean): void {
    if (this.isClient) this.#context.onPeer(peer, this.topic, isNews)
  }

  #onEnd(query: DiscoveryQuery, isDone: boolean, error: unknown): void {
    this.#query = null
    if (!query.isRelookup) this.#lastIsDone = isDone
    this.#isAtLimit = codeOf(error, '') === 'LIMIT'
    if (!this.#isActive()) return
    if (!query.isRelookup) this.#context.onCycle(this.topic, isDone)
    const nextTryMs = this.#timetable.plan(isDone, query.isCrowded && this.#hasFew())
    if (error instanceof Error) this.#report(error, nextTryMs)
  }

  #hasFew(): boolean {
    return this.#context.hasFewOn?.(this) ?? true
  }

  #report(error: Error, nextTryMs: number): void {
    const { isServer, topic } = this
    this.#context.onFailed?.({ topic, isServer, code: codeOf(error, 'QUERY_FAILED'), error, nextTryMs })
  }

  #onDue(kind: QueryKind): void {
    if (this.#isActive()) void this.#begin(this.#queries.hasNodes ? kind : 'refresh')
  }

  /** Whether peers that a re-lookup finds may be dialled before those that are known, or are wanted in spite of them. */
  #wantsPeers(): boolean {
    return (this.#context.lacksPeers?.() ?? true) || this.#hasFew()
  }

  /** Ends what runs, and withdraws the announcement. */
  async #withdraw(isForced = false): Promise<void> {
    this.#cancelQuery()
    this.#timetable.clear()
    this.#unwatch?.()
    this.#unwatch = null
    this.#finders?.end()
    this.#finders = null
    await this.#queries.withdraw(isForced)
  }

  #cancelQuery(): void {
    const query = this.#query
    this.#query = null
    query?.cancel()
  }

  /** Makes the finders look according to the sessions' modes. They need an accepting server, not an announced one. */
  #find(): void {
    const { swarm } = this.#context
    const all = this.#context.finders?.() ?? []
    if (all.length === 0) return
    if (this.isServer) swarm.listen().catch(ignore)
    this.#finders ??= new TopicFinders(all, this.topic, {
      onPeer: (publicKey, address, isNews, hasFoundUs) =>
        this.#context.onPeer({ publicKey, relayAddresses: [address], local: true, hasFoundUs }, this.topic, isNews),
      onGone: (publicKey) => this.#context.onGone?.(publicKey)
    })
    this.#finders.update(this)
  }

  /** Waits for both, except for a query on a network that has not responded by the time the finders are done. */
  async #flushedWith(finders: TopicFinders, queried: Promise<boolean>): Promise<boolean> {
    const isReachable = () => this.#context.isReachable?.() ?? true
    await finders.flushed()
    return (!isReachable() || (await queried)) && !this.destroyed
  }

  #watch(): void {
    const { dht } = this.#context.swarm
    if (this.#unwatch !== null || !this.isClient || dht.watch === undefined) return
    this.#unwatch = dht.watch(this.topic, (peer) => {
      if (this.#isActive()) this.#onPeer(peer, true)
    })
  }
}

function ignore(): void {}
