import type { Clock } from '@swarmway/runtime'
import type { FinderListener, FinderTopic, FindingMode } from '../discovery/finder.js'
import type { Address } from '../network/dht-node.js'
import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'

/**
 * Milliseconds between probes after a join. Wireless networks lose one multicast in five, and others join at the same
 * moment: four probes in two seconds find everyone, if both sides send them.
 */
const EARLY_STEPS_MS = [0, 400, 600, 1000, 6000, 18_000]
/** Milliseconds between later probes, at least, and for each peer that answers them: each host sends one packet in 4 s. */
const STEADY_MS = 60_000
const STEADY_MS_PER_PEER = 10_000
/** How much earlier than due a probe may go, so that topics share packets. */
const EARLY_SLACK_MS = 100
const STEADY_SLACK_MS = 12_000
/** RFC 6762 section 5.2: the first question waits this long, so that hosts that start together do not collide. */
const LEAST_DELAY_MS = 20
const DELAY_SPREAD_MS = 100
/** Milliseconds after a join by which the first three probes have been answered. */
const FLUSH_MS = 1500
/** Times the wait between probes without an answer, after which a peer counts as gone: three probes, and a little. */
const GONE_WAITS = 10 / 3
/** Most peers remembered per topic; a host that knows the topic could invent any number. */
const MAX_PEERS = 1024

/** What a topic needs from the discovery that it is part of. */
export interface LanTopicOwner {
  readonly clock: Clock
  readonly random: () => number
  /** Its next probe is now due earlier than before. */
  onDue(dueMs: number): void
  onEnd(topic: LanTopic): void
  /** Whether another topic has also found the peer with this key, in hex. */
  isSeen(peer: PublicKeyHex): boolean
}

interface SeenPeer {
  publicKey: Uint8Array
  address: Address
  seenMs: number
}

/** One topic on the local network: when to probe, and which peers have answered. */
export class LanTopic implements FinderTopic {
  readonly topic: Uint8Array
  isClient = false
  isServer = false
  /** Clock time of the next probe, Infinity for never. */
  dueMs = Number.POSITIVE_INFINITY
  readonly #owner: LanTopicOwner
  readonly #listener: FinderListener
  readonly #peers = new Map<PublicKeyHex, SeenPeer>()
  #step = 0
  #hasEnded = false
  #flush: { done: Promise<void>; resolve: () => void; timer: unknown } | null = null

  constructor(owner: LanTopicOwner, topic: Uint8Array, listener: FinderListener) {
    this.#owner = owner
    this.topic = topic
    this.#listener = listener
  }

  /** Whether to announce ourselves to newcomers, so that peers that only look need not wait for their next probe. */
  get announces(): boolean {
    return this.isServer && this.#step < EARLY_STEPS_MS.length
  }

  update({ isClient, isServer }: FindingMode): void {
    if (this.#hasEnded || (isClient === this.isClient && isServer === this.isServer)) return
    this.isClient = isClient
    this.isServer = isServer
    this.restart()
  }

  flushed(): Promise<void> {
    return this.#flush?.done ?? Promise.resolve()
  }

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.dueMs = Number.POSITIVE_INFINITY
    this.isClient = this.isServer = false
    this.#endFlush()
    this.#owner.onEnd(this)
    for (const key of [...this.#peers.keys()]) this.#forget(key)
  }

  /** Whether the topic has found the peer with this key, in hex. */
  has(peer: PublicKeyHex): boolean {
    return this.#peers.has(peer)
  }

  /** Probes soon, and more often for a while. */
  restart(): void {
    if (this.#hasEnded || (!this.isClient && !this.isServer)) return
    const { clock, random } = this.#owner
    this.#step = 0
    this.dueMs = clock.now() + LEAST_DELAY_MS + random() * DELAY_SPREAD_MS
    this.#endFlush()
    this.#beginFlush()
    this.#owner.onDue(this.dueMs)
  }

  isDue(nowMs: number): boolean {
    const slackMs = this.#step < EARLY_STEPS_MS.length ? EARLY_SLACK_MS : STEADY_SLACK_MS
    return this.dueMs - nowMs <= slackMs
  }

  /** A probe for the topic was sent: sets the time of the next one. */
  onProbeSent(nowMs: number): void {
    this.#step = Math.min(this.#step + 1, EARLY_STEPS_MS.length)
    const waitMs = EARLY_STEPS_MS[this.#step] ?? this.#steadyMs
    const spread = 1 + (this.#owner.random() - 0.5) / 5
    const isNeeded = this.isClient || this.announces
    this.dueMs = isNeeded ? nowMs + waitMs * spread : Number.POSITIVE_INFINITY
    this.#forgetGone(nowMs)
  }

  /** A peer has answered. `hasFoundUs` says whether we have answered it as well. */
  found(publicKey: Uint8Array, address: Address, hasFoundUs: boolean): void {
    if (!this.isClient) return
    const key = publicKeyHex(publicKey)
    const seen = this.#peers.get(key)
    if (seen === undefined && this.#peers.size >= MAX_PEERS) return
    const isNews = seen?.address.host !== address.host || seen.address.port !== address.port
    this.#peers.set(key, { publicKey, address, seenMs: this.#owner.clock.now() })
    this.#listener.onPeer(publicKey, address, isNews, hasFoundUs)
  }

  get #steadyMs(): number {
    return Math.max(STEADY_MS, STEADY_MS_PER_PEER * this.#peers.size)
  }

  #forgetGone(nowMs: number): void {
    const goneMs = GONE_WAITS * this.#steadyMs
    for (const [key, { seenMs }] of this.#peers) if (nowMs - seenMs >= goneMs) this.#forget(key)
  }

  #forget(key: PublicKeyHex): void {
    const peer = this.#peers.get(key)
    this.#peers.delete(key)
    if (peer !== undefined && !this.#owner.isSeen(key)) this.#listener.onGone(peer.publicKey)
  }

  #beginFlush(): void {
    let resolve = () => {}
    const done = new Promise<void>((resolveDone) => {
      resolve = resolveDone
    })
    const timer = this.#owner.clock.setTimeout(() => this.#endFlush(), FLUSH_MS)
    this.#flush = { done, resolve, timer }
  }

  #endFlush(): void {
    if (this.#flush === null) return
    this.#owner.clock.clearTimeout(this.#flush.timer)
    this.#flush.resolve()
    this.#flush = null
  }
}
