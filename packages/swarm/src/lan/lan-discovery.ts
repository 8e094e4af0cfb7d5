import type { Clock, WallClock } from '@swarmway/runtime'
import b4a from 'b4a'
import type { FinderListener, FinderTopic, PeerFinder } from '../discovery/finder.js'
import type { Connection } from '../network/connection.js'
import type { Address } from '../network/dht-node.js'
import type { PublicKeyHex } from '../util/keys.js'
import type { MulticastBus } from './bus.js'
import { LanTopic } from './lan-topic.js'
import { type Answer, decodePacket, encodePacket, MAX_RECORDS, MAX_TOKENS, type Probe } from './packet.js'
import { PacketLimits } from './packet-limits.js'
import { PendingProbes } from './pending-probes.js'
import { type ProbeMatch, ProbeReader } from './probe-reader.js'
import { RecentAnswers } from './recent-answers.js'
import { createSalt, periodAt, seal, tokenOf, unseal } from './tokens.js'

/** Most packets sent at once, and milliseconds until the next ones: ten a second. */
const MAX_PACKETS_PER_TURN = 8
const TURN_MS = 800

/** What the discovery needs. */
export interface LanContext {
  readonly bus: MulticastBus
  readonly publicKey: Uint8Array
  readonly clock: Clock
  /** Hosts whose clocks differ by more than an hour do not find each other. */
  readonly wallClock: WallClock
  readonly random: () => number
  /** The UDP port on which the peer accepts connections, null if it does not accept any. */
  port(): number | null
}

/**
 * Finds peers on the local network: sends probes for our topics, and answers probes for a topic that we are on.
 * The bus is open while there is a topic.
 */
export class LanDiscovery implements PeerFinder {
  readonly #context: LanContext
  readonly #topics = new Set<LanTopic>()
  readonly #pending: PendingProbes
  readonly #limits: PacketLimits
  readonly #answers: RecentAnswers
  readonly #reader: ProbeReader
  #timer: unknown = null
  #timerMs = Number.POSITIVE_INFINITY
  /** No round of probes starts before this time. */
  #quietUntilMs = 0
  #closed: Promise<void> = Promise.resolve()
  #isDestroyed = false

  constructor(context: LanContext) {
    this.#context = context
    this.#pending = new PendingProbes(context.clock)
    this.#limits = new PacketLimits(context.clock)
    this.#answers = new RecentAnswers(context.clock)
    this.#reader = new ProbeReader(this.#topics, this.#limits)
  }

  join(topic: Uint8Array, listener: FinderListener): FinderTopic {
    const { clock, random } = this.#context
    const owner = {
      clock,
      random,
      onDue: (dueMs: number) => this.#scheduleAt(dueMs),
      onEnd: (ended: LanTopic) => this.#onEnd(ended),
      isSeen: (peer: PublicKeyHex) => [...this.#topics].some((other) => other.has(peer))
    }
    const lanTopic = new LanTopic(owner, topic, listener)
    if (this.#isDestroyed) {
      lanTopic.end()
      return lanTopic
    }
    if (this.#topics.size === 0) this.#context.bus.open((packet, from) => this.#onPacket(packet, from))
    this.#topics.add(lanTopic)
    return lanTopic
  }

  refresh(): void {
    if (this.#topics.size === 0) return
    this.#context.bus.refresh()
    for (const topic of this.#topics) topic.restart()
  }

  isLocal(connection: Connection): boolean {
    const { remoteHost: host } = (connection.rawStream ?? {}) as { remoteHost?: unknown }
    return typeof host === 'string' && this.#context.bus.isLocal(host)
  }

  async destroy(): Promise<void> {
    this.#isDestroyed = true
    for (const topic of [...this.#topics]) topic.end()
    await this.#closed
  }

  #onEnd(topic: LanTopic): void {
    if (!this.#topics.delete(topic) || this.#topics.size > 0) return
    if (this.#timer !== null) this.#context.clock.clearTimeout(this.#timer)
    this.#timer = null
    this.#timerMs = Number.POSITIVE_INFINITY
    this.#pending.clear()
    this.#closed = this.#context.bus.close()
  }

  /** Makes the one timer fire when a topic is due, unless it fires earlier. */
  #scheduleAt(topicDueMs: number): void {
    const { clock } = this.#context
    const dueMs = Math.max(topicDueMs, this.#quietUntilMs)
    if (dueMs >= this.#timerMs) return
    if (this.#timer !== null) clock.clearTimeout(this.#timer)
    this.#timerMs = dueMs
    this.#timer = clock.setTimeout(() => this.#onTimer(), Math.max(0, dueMs - clock.now()))
  }

  #onTimer(): void {
    this.#timer = null
    this.#timerMs = Number.POSITIVE_INFINITY
    this.#context.bus.refresh()
    this.#probeForDue()
    let nextMs = Number.POSITIVE_INFINITY
    for (const topic of this.#topics) nextMs = Math.min(nextMs, topic.dueMs)
    this.#scheduleAt(nextMs)
  }

  /** Puts the topics that are due into as few packets as possible, and no more than may be sent at once. */
  #probeForDue(): void {
    const now = this.#context.clock.now()
    const due = [...this.#topics].filter((topic) => topic.isDue(now)).sort((a, b) => a.dueMs - b.dueMs)
    const turn = due.slice(0, MAX_PACKETS_PER_TURN * MAX_TOKENS)
    const both = turn.filter((topic) => topic.isClient && topic.announces)
    const asking = turn.filter((topic) => topic.isClient && !topic.announces)
    const announcing = turn.filter((topic) => !topic.isClient && topic.announces && this.#context.port() !== null)
    const multicast = (packet: Uint8Array) => this.#context.bus.multicast(packet)
    this.#sendProbes(both, true, true, multicast)
    this.#sendProbes(asking, true, false, multicast)
    this.#sendProbes(announcing, false, true, multicast)
    for (const topic of turn) topic.onProbeSent(now)
    if (due.length > turn.length) this.#quietUntilMs = now + TURN_MS
  }

  #sendProbes(topics: LanTopic[], asks: boolean, announces: boolean, send: (packet: Uint8Array) => void): void {
    for (let at = 0; at < topics.length; at += MAX_TOKENS) {
      const shared = topics.slice(at, at + MAX_TOKENS)
      const period = periodAt(this.#context.wallClock.now())
      const salt = createSalt()
      this.#pending.add({ period, salt, topics: shared })
      const tokens = shared.map(({ topic }) => tokenOf(topic, period, salt))
      send(encodePacket({ kind: 'probe', asks, announces, period, salt, tokens }))
    }
  }

  #onPacket(bytes: Uint8Array, from: Address): void {
    if (this.#topics.size === 0 || !this.#limits.takePacket(from.host)) return
    const packet = decodePacket(bytes)
    if (packet?.kind === 'answer') this.#onAnswer(packet, from)
    // Multicast also comes back to its sender.
    else if (packet !== null && this.#pending.get(packet.salt) === null) this.#onProbe(packet, from)
  }

  /** Answers for the topics that we are on, and asks the sender about those that we only look for. */
  #onProbe(probe: Probe, from: Address): void {
    const matches = this.#reader.read(probe, this.#context.wallClock.now())
    const port = this.#context.port()
    const isAnswered = ({ topic }: ProbeMatch) => probe.asks && topic.isServer && port !== null
    const isNew = ({ topic }: ProbeMatch) => this.#answers.add(from, topic.topic)
    if (port !== null) this.#answer(probe, matches.filter(isAnswered).filter(isNew), port, from)
    if (!probe.announces) return
    // A peer that gets an answer dials us: dialling back would only make two dials of one.
    const wanted = matches.filter((match) => match.topic.isClient && !isAnswered(match)).map(({ topic }) => topic)
    this.#sendProbes(wanted, true, false, (packet) => this.#context.bus.unicast(packet, from))
  }

  #answer({ period, salt }: Probe, matches: ProbeMatch[], port: number, to: Address): void {
    const peer = { publicKey: this.#context.publicKey, port }
    for (let at = 0; at < matches.length; at += MAX_RECORDS) {
      const binding = { period, salt, answerSalt: createSalt() }
      const records = matches
        .slice(at, at + MAX_RECORDS)
        .map(({ index, topic }) => ({ index, sealed: seal(peer, topic.topic, binding) }))
      this.#context.bus.unicast(encodePacket({ kind: 'answer', ...binding, records }), to)
    }
  }

  #onAnswer(answer: Answer, from: Address): void {
    const probe = this.#pending.get(answer.salt)
    if (probe === null || probe.period !== answer.period || !this.#limits.takeHashes(answer.records.length)) return
    for (const { index, sealed } of answer.records) {
      const topic = probe.topics[index]
      const peer = topic?.isClient ? unseal(sealed, topic.topic, answer) : null
      if (peer === null || b4a.equals(peer.publicKey, this.#context.publicKey)) continue
      const hasFoundUs = topic !== undefined && this.#answers.has(from, topic.topic)
      topic?.found(peer.publicKey, { host: from.host, port: peer.port }, hasFoundUs)
    }
  }
}
