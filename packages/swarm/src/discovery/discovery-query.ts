import { type MonotonicMs, reasonOf, trace } from '@swarmway/runtime'
import { SwarmError } from '../errors.js'
import type { DiscoveredPeer, Query } from '../network/dht-node.js'
import { Slices } from '../util/slices.js'
import { MAX_ANSWER_PEERS } from './cadence.js'
import type { DiscoveryContext } from './discovery-context.js'
import type { FindingMode } from './finder.js'
import { isRelookup, type Job, type QueryKind } from './scheduler.js'
import type { TopicQueries } from './topic-queries.js'

/** What a query is for. */
export interface QueryPlan extends Readonly<FindingMode> {
  readonly topic: Uint8Array
  readonly kind: QueryKind
  /** Unfinished work on the same topic, which has to be done first. */
  readonly wait: Promise<unknown> | null
}

/** Receives what a query finds, and its end. Neither is called after `cancel`. */
export interface QueryListener {
  /** `isNews` is false for the re-lookups after a join: they add peers, but do not hurry known ones. */
  onPeer(peer: DiscoveredPeer, isNews: boolean): void
  onEnd(query: DiscoveryQuery, isDone: boolean, error: unknown): void
}

/** One lookup or announce of a topic: waits for its turn, reports peers, and ends once. */
export class DiscoveryQuery {
  readonly plan: QueryPlan
  /** Whether a node has returned as many peers as it may. */
  isCrowded = false
  readonly #context: DiscoveryContext
  readonly #queries: TopicQueries
  readonly #listener: QueryListener
  readonly #beganMs: MonotonicMs
  #done = NEVER
  #job: Job | null = null
  #query: Query | null = null
  #isCancelled = false
  /** Gives back the place of an early announce. */
  #leaveEarly: () => void = ignore
  /** Peers in the answers, the same ones again included. */
  #peerCount = 0

  constructor(context: DiscoveryContext, queries: TopicQueries, plan: QueryPlan, listener: QueryListener) {
    this.#context = context
    this.#queries = queries
    this.plan = plan
    this.#listener = listener
    this.#beganMs = context.clock.now()
  }

  /** Resolves to whether it succeeded: false if it was cancelled. Never rejects. */
  get done(): Promise<boolean> {
    return this.#done
  }

  /** Whether it repeats the lookup of a join, so that nobody waits for it. */
  get isRelookup(): boolean {
    return isRelookup(this.plan.kind)
  }

  start(): Promise<boolean> {
    this.#done = this.#run()
    return this.#done
  }

  cancel(): void {
    const { isServer, kind, topic } = this.plan
    this.#isCancelled = true
    trace.query?.('cancelled', { topic, kind })
    this.#job?.cancel()
    if (this.#query === null) return
    this.#queries.onCut(this.#query, isServer)
    this.#query.destroy()
  }

  async #run(): Promise<boolean> {
    let isDone = false
    let failure: unknown = null
    try {
      await this.#prepare()
      if (!this.#isCancelled) isDone = await this.#takeTurn()
      if (isDone) trace.query?.('done', { ...this.#ended(), peers: this.#peerCount })
    } catch (error) {
      failure = error
      // A query that we ended ourselves says nothing about the network.
      if (!this.#isCancelled) {
        this.#context.stats.failed++
        this.#context.onEvidence?.(false)
        trace.query?.('failed', { ...this.#ended(), ...reasonOf(error) })
      }
    }
    this.#leaveEarly()
    if (!this.#isCancelled) this.#listener.onEnd(this, isDone, failure)
    return isDone
  }

  async #prepare(): Promise<void> {
    const { isServer, wait } = this.plan
    if (wait !== null) await wait
    if (!isServer || this.isRelookup || this.#isCancelled) return
    const { swarm } = this.#context
    const listening = swarm.listen()
    // A node that reports peers on its own also keeps them in order: its peers need not wait for the DHT.
    if (swarm.dht.watch === undefined && !this.#beginsEarly(listening)) await listening
    else listening.catch(ignore)
  }

  /** Whether the announce may look up while the server does not listen, in a place that it holds until then. */
  #beginsEarly(listening: Promise<unknown>): boolean {
    const { announceEarly, scheduler } = this.#context
    const giveBack = announceEarly === undefined ? null : scheduler.takeEarly()
    if (giveBack === null) return false
    this.#leaveEarly = giveBack
    listening.then(giveBack, giveBack)
    return true
  }

  /** Asks the DHT node when the scheduler says so. Resolves to whether it was not cancelled until the end. */
  async #takeTurn(): Promise<boolean> {
    const { scheduler, stats } = this.#context
    this.#job = scheduler.schedule(this.plan.kind, () => this.#ask())
    stats.queued++
    await this.#job.done
    if (this.#query === null) stats.queued--
    return !this.#isCancelled
  }

  async #ask(): Promise<void> {
    const { isServer, kind, topic } = this.plan
    const { stats } = this.#context
    const query = this.#queries.open(kind, isServer, () => this.#isCancelled)
    this.#query = query
    stats.queued--
    stats.inFlight++
    stats.total++
    trace.query?.('begin', { topic, kind, announces: this.#announces })
    if (this.isRelookup) stats.relookups++
    const slices = new Slices(this.#context.clock)
    try {
      for await (const { from, peers } of query) {
        this.#peerCount += peers.length
        this.isCrowded ||= peers.length >= MAX_ANSWER_PEERS
        await slices.each(peers, (peer) => this.#onPeer(from === undefined ? peer : { ...peer, from }))
      }
      if (this.#isCancelled) return
      // A query that nobody answers ends like one that finds nobody.
      if (query.closestNodes.length === 0) throw new SwarmError('NO_ANSWER', 'no DHT node has answered')
      this.#queries.onDone(query, kind, isServer)
      this.#context.onEvidence?.(true)
    } finally {
      stats.inFlight--
    }
  }

  #onPeer(peer: DiscoveredPeer): void {
    if (!this.#isCancelled) this.#listener.onPeer(peer, !this.isRelookup)
  }

  get #announces(): boolean {
    return this.plan.isServer && !this.isRelookup
  }

  /** What is traced when it has ended. */
  #ended() {
    const { kind, topic } = this.plan
    return { topic, kind, announces: this.#announces, durationMs: this.#context.clock.now() - this.#beganMs }
  }
}

const NEVER = new Promise<boolean>(() => {})

function ignore(): void {}
