import { type MonotonicMs, reasonOf, trace } from '@swarmway/runtime'
/// <reference lib="esnext.disposable" preserve="true" />

import { SwarmError } from '../errors.js'
import type { DiscoveredPeer, Query } from '../network/dht-node.js'
import { Cadence, type NextStep } from './cadence.js'
import type { DiscoveryContext, DiscoverySwarm, DiscoveryUser } from './discovery-context.js'
import { TopicFinders } from './finder.js'
import type { Job, QueryKind } from './scheduler.js'
import { TopicQueries } from './topic-queries.js'

/** A lookup or announce in progress. */
interface Pass {
  readonly kind: QueryKind
  readonly isServer: boolean
  readonly isClient: boolean
  job: Job | null
  query: Query | null
  isCancelled: boolean
  /** Peers in the answers, the same ones again included. */
  peerCount: number
  readonly beganMs: MonotonicMs
  done: Promise<boolean>
}

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
  readonly #cadence: Cadence
  readonly #queries: TopicQueries
  #wait: Promise<unknown> | null
  #pass: Pass | null = null
  #timer: unknown = null
  #destroying: Promise<void> | null = null
  #unwatch: (() => void) | null = null
  #finders: TopicFinders | null = null

  /** @internal `wait` is for unfinished work on the same topic. */
  constructor(
    context: DiscoveryContext,
    topic: Uint8Array,
    suspended: boolean,
    wait: Promise<unknown> | null,
    group: Uint8Array | null = null
  ) {
    this.#context = context
    this.topic = topic
    this.group = group
    this.suspended = suspended
    this.#wait = wait
    this.#queries = new TopicQueries(context, topic)
    this.#cadence = new Cadence(context.random)
    this.#cadence.restart()
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
    const current = this.#pass
    const isSame = current?.isClient === isClient && current.isServer === isServer
    if (isSame && current.kind !== 'relookup') return current.done
    return this.#begin('join')
  }

  /** Refreshes in the background: something about the network has changed. @internal */
  refreshLater(): void {
    if (!this.#isActive() || (this.#pass !== null && this.#pass.kind !== 'relookup')) return
    void this.#begin('refresh')
  }

  /** Resolves once the announce or lookup in progress is done: to true if it succeeded or there is none. */
  flushed(): Promise<boolean> {
    const pass = this.#pass
    const queried = pass === null || pass.kind === 'relookup' ? Promise.resolve(!this.destroyed) : pass.done
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
    this.#cadence.restart()
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

  #begin(kind: QueryKind): Promise<boolean> {
    this.#cancelPass()
    this.#stopTimer()
    if (kind === 'join') this.#cadence.restart()
    if (!this.isClient) this.#cadence.skipRelookups()
    this.#watch()
    this.#find()
    const { isClient, isServer } = this
    const beganMs = this.#context.clock.now()
    const none = { job: null, query: null, isCancelled: false, peerCount: 0, done: NEVER }
    const pass: Pass = { kind, isClient, isServer, beganMs, ...none }
    this.#pass = pass
    pass.done = this.#run(pass)
    return pass.done
  }

  /** Resolves to whether the query succeeded. Never rejects. */
  async #run(pass: Pass): Promise<boolean> {
    let isDone = false
    try {
      await this.#prepare(pass)
      if (!pass.isCancelled) {
        pass.job = this.#context.scheduler.schedule(pass.kind, () => this.#query(pass))
        this.#context.stats.queued++
        await pass.job.done
        if (pass.query === null) this.#context.stats.queued--
        isDone = !pass.isCancelled
        if (isDone) trace.query?.('done', { ...this.#ended(pass), peers: pass.peerCount })
      }
    } catch (error) {
      // A query that we ended ourselves says nothing about the network.
      if (!pass.isCancelled) {
        this.#context.stats.failed++
        trace.query?.('failed', { ...this.#ended(pass), ...reasonOf(error) })
      }
    }
    if (this.#pass === pass) this.#finish(pass, isDone)
    return isDone
  }

  /** What is traced of a pass that has ended. */
  #ended(pass: Pass) {
    const durationMs = this.#context.clock.now() - pass.beganMs
    return { topic: this.topic, kind: pass.kind, announces: announces(pass), durationMs }
  }

  async #prepare(pass: Pass): Promise<void> {
    if (this.#wait !== null) await this.#wait
    this.#wait = null
    if (!pass.isServer || pass.kind === 'relookup' || pass.isCancelled) return
    const { dht } = this.#context.swarm
    const listening = this.#context.swarm.listen()
    // A node that reports peers on its own also keeps them in order: its peers need not wait for the DHT.
    if (dht.watch === undefined) await listening
    else listening.catch(ignore)
  }

  async #query(pass: Pass): Promise<void> {
    const { stats } = this.#context
    const query = this.#queries.open(pass.kind, pass.isServer)
    pass.query = query
    stats.queued--
    stats.inFlight++
    stats.total++
    trace.query?.('begin', { topic: this.topic, kind: pass.kind, announces: announces(pass) })
    if (pass.kind === 'relookup') stats.relookups++
    try {
      for await (const reply of query) {
        pass.peerCount += reply.peers.length
        for (const peer of reply.peers) this.#onPeer(peer, pass)
      }
      if (!pass.isCancelled) this.#queries.onDone(query, pass.kind, pass.isServer)
    } finally {
      stats.inFlight--
    }
  }

  #onPeer(peer: DiscoveredPeer, pass: Pass): void {
    if (pass.isCancelled || !this.isClient) return
    this.#context.onPeer(peer, this.topic, pass.kind !== 'relookup')
  }

  #finish({ kind }: Pass, isDone: boolean): void {
    this.#pass = null
    if (!this.#isActive()) return
    if (kind !== 'relookup') this.#context.onCycle(this.topic, isDone)
    const next = isDone ? this.#cadence.afterSuccess() : this.#cadence.afterFailure()
    this.#timer = this.#context.clock.setTimeout(() => this.#onTimer(next), next.delayMs)
  }

  #onTimer(next: NextStep): void {
    this.#timer = null
    if (this.#isActive()) void this.#begin(this.#queries.hasNodes ? next.kind : 'refresh')
  }

  /** Ends what runs, and withdraws the announcement. */
  async #withdraw(isForced = false): Promise<void> {
    this.#cancelPass()
    this.#stopTimer()
    this.#unwatch?.()
    this.#unwatch = null
    this.#finders?.end()
    this.#finders = null
    await this.#queries.withdraw(isForced)
  }

  #cancelPass(): void {
    const pass = this.#pass
    if (pass === null) return
    this.#pass = null
    pass.isCancelled = true
    trace.query?.('cancelled', { topic: this.topic, kind: pass.kind })
    pass.job?.cancel()
    if (pass.query === null) return
    this.#queries.onCut(pass.query, pass.isServer)
    pass.query.destroy()
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#context.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Makes the finders look according to the sessions' modes. They need an accepting server, not an announced one. */
  #find(): void {
    const { swarm } = this.#context
    const all = this.#context.finders?.() ?? []
    if (all.length === 0) return
    if (this.isServer) swarm.listen().catch(ignore)
    this.#finders ??= new TopicFinders(all, this.topic, {
      onPeer: (publicKey, address, isNews) =>
        this.#context.onPeer({ publicKey, relayAddresses: [address], local: true }, this.topic, isNews),
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
      if (this.#isActive() && this.isClient) this.#context.onPeer(peer, this.topic, true)
    })
  }
}

const NEVER = new Promise<boolean>(() => {})

function ignore(): void {}

function announces({ isServer, kind }: Pass): boolean {
  return isServer && kind !== 'relookup'
}
