import type { Clock } from '@swarmway/runtime'
import type { JoinedTopics } from '../discovery/joined-topics.js'
import type { GroupGuard } from '../groups/guard.js'
import type { Membership } from '../groups/membership.js'
import type { Hello } from '../handshake/extension.js'
import type { Identity } from '../handshake/identity.js'
import { ExtendedHandshake, type HandshakePart, type PayloadCodec } from '../handshake/noise.js'
import { provenTopics, topicProofs } from '../handshake/topic-proofs.js'
import type { Connection } from '../network/connection.js'
import type { DhtNode } from '../network/dht-node.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { SwarmStats } from '../util/stats.js'
import { type TopicHex, topicHex } from '../util/topic.js'
import type { OpenConnection } from './table.js'

/** Milliseconds from the first topic to be sent until the handshake: more are usually found at about the same time. */
const GATHER_MS = 200
/** Milliseconds to wait after a failed topic update. A later lookup that finds the peer starts over. */
const RETRIES_MS = [1000, 5000, 20_000]
/** Milliseconds after which an unanswered topic update is given up. */
const TIMEOUT_MS = 10_000
/** Most topic updates in flight, so that dials do not wait for them. */
const MAX_IN_FLIGHT = 2
/** Most topics in a topic update that carries memberships, and in one that carries none. */
const MAX_TOPICS = { withStatements: 8, alone: 32 } as const

/** What topic updates need. */
export interface TopicUpdatesContext {
  readonly node: DhtNode
  /** Null when the node's handshake payload is unknown, so that nothing can be sent. */
  readonly codec: PayloadCodec | null
  readonly identity: Identity
  readonly settings: { readonly clock: Clock; readonly topicProofs: boolean }
  readonly topics: JoinedTopics
  readonly groups: GroupGuard
  readonly stats: SwarmStats
  /** False while suspended and after destroy, when nothing new may begin. */
  isActive(): boolean
  /** A connected peer has proved further topics and memberships. Returns the topics among them that it may be on. */
  onTopicUpdate(
    info: PeerInfo,
    open: OpenConnection,
    topics: readonly Uint8Array[],
    memberships: readonly Membership[]
  ): Uint8Array[]
}

/** What still has to be sent to a peer. */
interface Untold {
  readonly info: PeerInfo
  readonly open: OpenConnection
  readonly topics: Map<TopicHex, Uint8Array>
  timer: unknown
  /** The topic update in flight. */
  note: Note | null
  failures: number
}

/**
 * Tells connected peers which topics they were found on after the handshake, so that `info.topics` is right on both
 * sides. A topic update is a handshake that asks for no connection, so every peer that understands it refuses it:
 * its block and the answer's block carry the information.
 */
export class TopicUpdates {
  readonly #context: TopicUpdatesContext
  readonly #untold = new Map<OpenConnection, Untold>()
  #inFlight = 0

  constructor(context: TopicUpdatesContext) {
    this.#context = context
  }

  /** Sends these topics to the peer soon, if the peer supports topic updates. */
  tell(info: PeerInfo, open: OpenConnection, topics: readonly Uint8Array[]): void {
    const { codec, settings } = this.#context
    if (open.origin === null || codec === null || !settings.topicProofs || topics.length === 0) return
    const known = this.#untold.get(open)
    const untold = known ?? { info, open, topics: new Map(), timer: null, note: null, failures: 0 }
    for (const topic of topics) untold.topics.set(topicHex(topic), topic)
    if (known === undefined) this.#untold.set(open, untold)
    if (known === undefined) this.#sendLater(untold, GATHER_MS)
  }

  /** The peer knows these topics, or has announced them to us. */
  settle(open: OpenConnection, topics: readonly Uint8Array[]): void {
    const untold = this.#untold.get(open)
    for (const topic of topics) untold?.topics.delete(topicHex(topic))
    if (untold?.topics.size === 0) this.forget(open)
  }

  /** The connection has closed. */
  forget(open: OpenConnection): void {
    const untold = this.#untold.get(open)
    this.#untold.delete(open)
    this.#context.settings.clock.clearTimeout(untold?.timer)
    untold?.note?.cancel()
  }

  #sendLater(untold: Untold, delayMs: number): void {
    const { clock } = this.#context.settings
    untold.timer = clock.setTimeout(() => {
      if (this.#inFlight >= MAX_IN_FLIGHT) this.#sendLater(untold, GATHER_MS)
      else this.#send(untold)
    }, delayMs)
  }

  #send(untold: Untold): void {
    const { groups, topics } = this.#context
    const joined = topics.joined([...untold.topics.values()]).map(({ topic }) => topic)
    const about = joined.slice(
      0,
      groups.statementsFor(joined).length > 0 ? MAX_TOPICS.withStatements : MAX_TOPICS.alone
    )
    if (about.length === 0 || !this.#context.isActive()) {
      this.forget(untold.open)
      return
    }
    const note = new Note(this.#context, untold.info, untold.open, about, (isTaken) => {
      this.#inFlight--
      this.#onEnd(untold, about, isTaken)
    })
    untold.note = note
    this.#inFlight++
    note.send()
  }

  #onEnd(untold: Untold, about: readonly Uint8Array[], isTaken: boolean): void {
    untold.note = null
    if (this.#untold.get(untold.open) !== untold) return
    if (isTaken) this.settle(untold.open, about)
    if (!this.#untold.has(untold.open)) return
    const delayMs = isTaken ? GATHER_MS : RETRIES_MS[untold.failures++]
    if (delayMs === undefined) this.forget(untold.open)
    else this.#sendLater(untold, delayMs)
  }
}

/** One topic update in flight. Ends exactly once. */
class Note implements HandshakePart {
  readonly #context: TopicUpdatesContext
  readonly #info: PeerInfo
  readonly #open: OpenConnection
  readonly #about: readonly Uint8Array[]
  readonly #onEnd: (isTaken: boolean) => void
  #connection: Connection | null = null
  #timer: unknown = null
  #hasEnded = false

  constructor(
    context: TopicUpdatesContext,
    info: PeerInfo,
    open: OpenConnection,
    about: readonly Uint8Array[],
    onEnd: (isTaken: boolean) => void
  ) {
    this.#context = context
    this.#info = info
    this.#open = open
    this.#about = about
    this.#onEnd = onEnd
  }

  send(): void {
    const { clock } = this.#context.settings
    this.#timer = clock.setTimeout(() => this.cancel(), TIMEOUT_MS)
    try {
      this.#connection = this.#connect()
      this.#connection.on('error', ignore)
      this.#connection.on('open', () => this.cancel())
      this.#connection.on('close', () => this.cancel())
    } catch {
      this.cancel()
    }
  }

  cancel(): void {
    this.#end(false)
  }

  hello(): Hello {
    const { groups, identity } = this.#context
    const proofs = topicProofs(this.#about, 'initiator', this.#keys(), MAX_TOPICS.alone)
    return { ...identity.hello(proofs, null, groups.statementsFor(this.#about)), isTopicUpdate: true }
  }

  received(hello: Hello | null): void {
    if (this.#hasEnded) return
    const isTaken = hello?.isTopicUpdate === true
    if (isTaken) this.#take(hello)
    this.#end(isTaken)
  }

  malformed(): void {
    this.#context.stats.malformedHandshakes++
  }

  #take({ proofs, statements }: Hello): void {
    const { groups } = this.#context
    const proven = provenTopics(proofs, this.#about, 'responder', this.#keys())
    this.#context.onTopicUpdate(this.#info, this.#open, proven, groups.verify(statements, this.#info.publicKey))
  }

  #connect(): Connection {
    const { codec, identity, node } = this.#context
    if (codec === null) throw new Error('topic updates need a payload codec')
    return node.connect(this.#info.publicKey, {
      keyPair: identity.keyPair,
      relayAddresses: this.#info.relayAddresses,
      createHandshake: (keyPair, remotePublicKey) => new ExtendedHandshake(keyPair, remotePublicKey, codec, this)
    })
  }

  #keys() {
    return { initiator: this.#context.identity.keyPair.publicKey, responder: this.#info.publicKey }
  }

  #end(isTaken: boolean): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#context.settings.clock.clearTimeout(this.#timer)
    this.#connection?.destroy()
    this.#onEnd(isTaken)
  }
}

function ignore(): void {}
