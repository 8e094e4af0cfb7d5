import type { JoinedTopics } from '../discovery/joined-topics.js'
import type { GroupGuard } from '../groups/guard.js'
import type { Membership } from '../groups/membership.js'
import { type Hello, MAX_UPDATE_PROOFS, type Origin, originOf, type Refusal } from '../handshake/extension.js'
import type { Identity } from '../handshake/identity.js'
import type { HandshakePart } from '../handshake/noise.js'
import { provenTopics, topicProofs } from '../handshake/topic-proofs.js'
import type { SwarmStats } from '../util/stats.js'

/** What the accepting side of a handshake needs. */
export interface IncomingContext {
  readonly identity: Identity
  readonly topics: JoinedTopics
  readonly groups: GroupGuard
  readonly stats: SwarmStats
}

/** The accepting side of one handshake: reads the remote's block and answers with ours. */
export class IncomingHandshake implements HandshakePart {
  /** Null from another implementation. */
  origin: Origin | null = null
  /** Our topics that the remote has proved to know; once admitted, those that it may be on. */
  topics: Uint8Array[] = []
  /** The memberships that the remote has proved. */
  memberships: readonly Membership[] = []
  /** Whether it asks for no connection but updates the topics of an existing one; see topic-updates.ts. */
  isTopicUpdate = false
  /** The reason, if the admission refuses with one. */
  refusal: Refusal | null = null
  readonly #context: IncomingContext
  #remotePublicKey: Uint8Array | null = null

  constructor(context: IncomingContext) {
    this.#context = context
  }

  received(hello: Hello | null, remotePublicKey: Uint8Array): void {
    this.#remotePublicKey = remotePublicKey
    if (hello === null) return
    this.origin = originOf(hello)
    this.isTopicUpdate = hello.isTopicUpdate === true
    this.memberships = this.#context.groups.verify(hello.statements, remotePublicKey)
    const topics = this.#context.topics.all()
    this.topics = provenTopics(hello.proofs, topics, 'initiator', this.#keys(remotePublicKey))
  }

  malformed(): void {
    this.#context.stats.malformedHandshakes++
  }

  hello(): Hello {
    const { groups, identity } = this.#context
    const remote = this.#remotePublicKey
    if (remote === null || (this.refusal !== null && !this.isTopicUpdate)) return identity.hello([], this.refusal)
    const proofs = topicProofs(this.topics, 'responder', this.#keys(remote), MAX_UPDATE_PROOFS)
    const hello = identity.hello(proofs, this.refusal, groups.statementsTo(this.memberships))
    return this.isTopicUpdate ? { ...hello, isTopicUpdate: true } : hello
  }

  #keys(remotePublicKey: Uint8Array) {
    return { initiator: remotePublicKey, responder: this.#context.identity.keyPair.publicKey }
  }
}
