import b4a from 'b4a'
import type { JoinedTopics } from '../discovery/joined-topics.js'
import type { GroupGuard } from '../groups/guard.js'
import type { Membership } from '../groups/membership.js'
import { type Hello, MAX_UPDATE_PROOFS, type Origin, originOf, type Refusal } from '../handshake/extension.js'
import type { HashBudget } from '../handshake/hash-budget.js'
import type { Identity } from '../handshake/identity.js'
import type { HandshakePart } from '../handshake/noise.js'
import { type HandshakeKeys, provenTopics, topicProofs } from '../handshake/topic-proofs.js'
import type { Connection } from '../network/connection.js'
import type { SpareAccepts } from '../paths/spare/spare-accepts.js'
import type { PeerTable } from '../peers/peer-table.js'
import type { SwarmStats } from '../util/stats.js'
import { topicHex } from '../util/topic.js'

/** Most topics that a peer was found on that are compared first. */
const MAX_LIKELY = 64

/** What the accepting side of a handshake needs. */
export interface IncomingContext {
  readonly identity: Identity
  readonly topics: JoinedTopics
  readonly groups: GroupGuard
  readonly stats: SwarmStats
  readonly peers: PeerTable
  readonly hashBudget: HashBudget
  readonly spares: SpareAccepts
}

/** The accepting side of one handshake: reads the remote's block and answers with ours. */
export class IncomingHandshake implements HandshakePart {
  /** Null from another implementation. */
  origin: Origin | null = null
  /** Our topics that the remote has proved to know; once admitted, those that it may be on. */
  topics: Uint8Array[] = []
  /** Proofs that were not compared with all topics, for lack of time; see late-proofs.ts. */
  unproven: Uint8Array[] = []
  /** The memberships that the remote has proved. */
  memberships: readonly Membership[] = []
  /** Whether it asks for no connection but updates the topics of an existing one; see topic-updates.ts. */
  isTopicUpdate = false
  /** The number of the path that it adds to an existing connection, null for none; see paths/spare. */
  sparePathId: number | null = null
  /** That connection, once admitted. */
  extended: Connection | null = null
  /** The reason, if the admission refuses with one. */
  refusal: Refusal | null = null
  readonly #context: IncomingContext
  #remotePublicKey: Uint8Array | null = null
  #offersPaths = false

  constructor(context: IncomingContext) {
    this.#context = context
  }

  received(hello: Hello | null, remotePublicKey: Uint8Array): void {
    this.#remotePublicKey = remotePublicKey
    if (hello === null) return
    this.origin = originOf(hello)
    this.#offersPaths = hello.hasPaths === true
    this.isTopicUpdate = hello.isTopicUpdate === true
    this.sparePathId = hello.sparePathId ?? null
    this.memberships = this.#context.groups.verify(hello.statements, remotePublicKey)
    this.#compare(hello.proofs, remotePublicKey)
  }

  /** Most likely are topics that the peer was found on, then the latest. */
  #compare(proofs: Uint8Array[], remotePublicKey: Uint8Array): void {
    if (proofs.length === 0) return
    const { hashBudget, peers, topics } = this.#context
    const likely = peers.get(remotePublicKey)?.topics.slice(0, MAX_LIKELY) ?? []
    const all = topics.latestFirst()
    const most = hashBudget.take(all.length)
    const keys = this.#keys(remotePublicKey)
    const compared = [...topics.joined(likely).map(({ topic }) => topic), ...all.slice(0, most)]
    const proven = provenTopics(proofs, compared, 'initiator', keys, compared.length)
    this.topics = [...new Map(proven.map((topic) => [topicHex(topic), topic])).values()]
    if (this.topics.length < proofs.length && most < all.length) this.unproven = unmatched(proofs, this.topics, keys)
  }

  malformed(): void {
    this.#context.stats.malformedHandshakes++
  }

  hello(): Hello {
    const { groups, identity } = this.#context
    const remote = this.#remotePublicKey
    if (remote === null || (this.refusal !== null && !this.isTopicUpdate)) return identity.hello([], this.refusal)
    if (this.sparePathId !== null) return { ...identity.hello([], null), sparePathId: this.sparePathId }
    const proofs = topicProofs(this.topics, 'responder', this.#keys(remote), MAX_UPDATE_PROOFS)
    const hello = identity.hello(proofs, this.refusal, groups.statementsTo(this.memberships))
    if (this.isTopicUpdate) return { ...hello, isTopicUpdate: true }
    return { ...hello, hasPaths: identity.hasPaths && this.#offersPaths }
  }

  finished(hash: Uint8Array): void {
    if (this.extended !== null && this.sparePathId !== null)
      this.#context.spares.expect(hash, this.extended, this.sparePathId)
  }

  #keys(remotePublicKey: Uint8Array) {
    return { initiator: remotePublicKey, responder: this.#context.identity.keyPair.publicKey }
  }
}

/** The proofs that are not of these topics. */
function unmatched(proofs: Uint8Array[], topics: Uint8Array[], keys: HandshakeKeys): Uint8Array[] {
  const matched = topicProofs(topics, 'initiator', keys, proofs.length)
  return proofs.filter((proof) => !matched.some((other) => b4a.equals(other, proof)))
}
