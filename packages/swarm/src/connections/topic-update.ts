import type { Clock } from '@swarmway/runtime'
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
import type { OpenConnection } from './table.js'

/** Milliseconds after which an unanswered topic update is given up. */
const TIMEOUT_MS = 10_000
/** Most topics in a topic update that carries memberships, and in one that carries none. */
export const MAX_TOPICS = { withStatements: 8, alone: 32 } as const

/**
 * How a topic update ended: the peer took it; the peer answered that it knows no connection with us; or there was no
 * answer, or one of another implementation.
 */
export type TopicUpdateOutcome = 'taken' | 'unknown' | 'failed'

/** What a topic update needs. */
export interface TopicUpdateContext {
  readonly node: DhtNode
  /** Null when the node's handshake payload is unknown, so that nothing can be sent. */
  readonly codec: PayloadCodec | null
  readonly identity: Identity
  readonly settings: { readonly clock: Clock }
  readonly groups: GroupGuard
  readonly stats: SwarmStats
  /** A connected peer has proved further topics and memberships. Returns the topics among them that it may be on. */
  onTopicUpdate(
    info: PeerInfo,
    open: OpenConnection,
    topics: readonly Uint8Array[],
    memberships: readonly Membership[]
  ): Uint8Array[]
}

/**
 * One topic update in flight: a handshake that asks for no connection, so every peer that understands it refuses it.
 * Its block and the answer's block carry the information. Ends exactly once.
 */
export class TopicUpdate implements HandshakePart {
  readonly #context: TopicUpdateContext
  readonly #info: PeerInfo
  readonly #open: OpenConnection
  readonly #about: readonly Uint8Array[]
  readonly #onEnd: (outcome: TopicUpdateOutcome) => void
  #connection: Connection | null = null
  #timer: unknown = null
  #hasEnded = false

  constructor(
    context: TopicUpdateContext,
    info: PeerInfo,
    open: OpenConnection,
    about: readonly Uint8Array[],
    onEnd: (outcome: TopicUpdateOutcome) => void
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
    this.#end('failed')
  }

  hello(): Hello {
    const { groups, identity } = this.#context
    const proofs = topicProofs(this.#about, 'initiator', this.#keys(), MAX_TOPICS.alone)
    return { ...identity.hello(proofs, null, groups.statementsFor(this.#about)), isTopicUpdate: true }
  }

  received(hello: Hello | null): void {
    if (this.#hasEnded) return
    if (hello?.isTopicUpdate) this.#take(hello)
    if (hello === null) this.#end('failed')
    else this.#end(hello.isTopicUpdate ? 'taken' : 'unknown')
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

  #end(outcome: TopicUpdateOutcome): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#context.settings.clock.clearTimeout(this.#timer)
    this.#connection?.destroy()
    this.#onEnd(outcome)
  }
}

function ignore(): void {}
