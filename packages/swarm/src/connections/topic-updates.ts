import type { JoinedTopics } from '../discovery/joined-topics.js'
import type { PeerInfo } from '../peers/peer-info.js'
import { type TopicHex, topicHex } from '../util/topic.js'
import type { OpenConnection } from './table.js'
import { MAX_TOPICS, TopicUpdate, type TopicUpdateContext } from './topic-update.js'

/** Milliseconds from the first topic to be sent until the handshake: more are usually found at about the same time. */
const GATHER_MS = 200
/** Milliseconds to wait after a failed topic update. A later lookup that finds the peer starts over. */
const RETRIES_MS = [1000, 5000, 20_000]
/** Most topic updates in flight, so that dials do not wait for them. */
const MAX_IN_FLIGHT = 2

/** What topic updates need. */
export interface TopicUpdatesContext extends TopicUpdateContext {
  readonly settings: TopicUpdateContext['settings'] & { readonly topicProofs: boolean }
  readonly topics: JoinedTopics
  /** False while suspended and after destroy, when nothing new may begin. */
  isActive(): boolean
}

/** Topics that still have to be sent to a peer. */
interface UnsentTopics {
  readonly info: PeerInfo
  readonly open: OpenConnection
  readonly topics: Map<TopicHex, Uint8Array>
  timer: unknown
  /** The one in flight. */
  update: TopicUpdate | null
  failures: number
}

/**
 * Tells connected peers which topics they were found on after the handshake, so that `info.topics` is right on both
 * sides. Decides when to send which topics.
 */
export class TopicUpdates {
  readonly #context: TopicUpdatesContext
  readonly #unsent = new Map<OpenConnection, UnsentTopics>()
  #inFlight = 0

  constructor(context: TopicUpdatesContext) {
    this.#context = context
  }

  /** Sends these topics to the peer soon, if the peer supports topic updates. */
  tell(info: PeerInfo, open: OpenConnection, topics: readonly Uint8Array[]): void {
    const { codec, settings } = this.#context
    if (open.origin === null || codec === null || !settings.topicProofs || topics.length === 0) return
    const known = this.#unsent.get(open)
    const unsent = known ?? { info, open, topics: new Map(), timer: null, update: null, failures: 0 }
    for (const topic of topics) unsent.topics.set(topicHex(topic), topic)
    if (known === undefined) this.#unsent.set(open, unsent)
    if (known === undefined) this.#sendLater(unsent, GATHER_MS)
  }

  /** The peer knows these topics, or has announced them to us. */
  settle(open: OpenConnection, topics: readonly Uint8Array[]): void {
    const unsent = this.#unsent.get(open)
    for (const topic of topics) unsent?.topics.delete(topicHex(topic))
    if (unsent?.topics.size === 0) this.forget(open)
  }

  /** The connection has closed. */
  forget(open: OpenConnection): void {
    const unsent = this.#unsent.get(open)
    this.#unsent.delete(open)
    this.#context.settings.clock.clearTimeout(unsent?.timer)
    unsent?.update?.cancel()
  }

  #sendLater(unsent: UnsentTopics, delayMs: number): void {
    const { clock } = this.#context.settings
    unsent.timer = clock.setTimeout(() => {
      if (this.#inFlight >= MAX_IN_FLIGHT) this.#sendLater(unsent, GATHER_MS)
      else this.#send(unsent)
    }, delayMs)
  }

  #send(unsent: UnsentTopics): void {
    const { groups, topics } = this.#context
    const joined = topics.joined([...unsent.topics.values()]).map(({ topic }) => topic)
    const about = joined.slice(
      0,
      groups.statementsFor(joined).length > 0 ? MAX_TOPICS.withStatements : MAX_TOPICS.alone
    )
    if (about.length === 0 || !this.#context.isActive()) {
      this.forget(unsent.open)
      return
    }
    const update = new TopicUpdate(this.#context, unsent.info, unsent.open, about, (outcome) => {
      this.#inFlight--
      this.#onEnd(unsent, about, outcome === 'taken')
    })
    unsent.update = update
    this.#inFlight++
    update.send()
  }

  #onEnd(unsent: UnsentTopics, about: readonly Uint8Array[], isTaken: boolean): void {
    unsent.update = null
    if (this.#unsent.get(unsent.open) !== unsent) return
    if (isTaken) this.settle(unsent.open, about)
    if (!this.#unsent.has(unsent.open)) return
    const delayMs = isTaken ? GATHER_MS : RETRIES_MS[unsent.failures++]
    if (delayMs === undefined) this.forget(unsent.open)
    else this.#sendLater(unsent, delayMs)
  }
}
