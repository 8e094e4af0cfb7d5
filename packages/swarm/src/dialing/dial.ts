import type { Clock, MonotonicMs } from '@swarmway/runtime'
import { deadlineClock, isolateListeners } from '@swarmway/runtime'
import { whenConfirmed } from '../connections/confirm.js'
import type { FirewallCheck } from '../connections/firewall.js'
import type { PendingDial } from '../connections/table.js'
import type { JoinedTopics } from '../discovery/joined-topics.js'
import { codeOf, SwarmError } from '../errors.js'
import type { GroupGuard } from '../groups/guard.js'
import type { Membership } from '../groups/membership.js'
import { type Hello, MAX_PROOFS, type Origin, originOf, REFUSAL, type Refusal } from '../handshake/extension.js'
import type { Identity } from '../handshake/identity.js'
import { ExtendedHandshake, type HandshakePart, type PayloadCodec } from '../handshake/noise.js'
import { topicProofs } from '../handshake/topic-proofs.js'
import type { Connection } from '../network/connection.js'
import type { CreateHandshake, CreateSecretStream, DhtNode, RelayChoice } from '../network/dht-node.js'
import { completeAsNodeStream } from '../network/node-stream.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { SwarmStats } from '../util/stats.js'
import { OPENED } from './outcome.js'

/** Milliseconds from the opening of a dialled connection to the remote's first bytes. */
const CONFIRM_TIMEOUT_MS = 3000

/** Milliseconds after which an open connection without them is likely to be half open. */
const HALF_OPEN_MS = 1000

/** The outcome of a dial refused by the remote, by reason. */
const REFUSED: Readonly<Record<Refusal, string>> = {
  [REFUSAL.duplicate]: 'DUPLICATE',
  [REFUSAL.full]: 'REMOTE_FULL',
  [REFUSAL.notAMember]: 'NOT_A_MEMBER',
  [REFUSAL.keyInUse]: 'KEY_IN_USE'
}

/** Codes that a node gives when none of the answers was valid. */
const NO_ANSWER: ReadonlySet<string> = new Set(['PEER_NOT_FOUND', 'PEER_CONNECTION_FAILED', 'DIAL_FAILED'])
/** What a dial needs. */
export interface DialContext {
  readonly node: DhtNode
  /** Null if the node's handshake payload is unknown; handshakes then carry no block of ours. */
  readonly codec: PayloadCodec | null
  readonly identity: Identity
  /** See `SwarmNetwork`. */
  readonly createSecretStream: CreateSecretStream | undefined
  readonly settings: { readonly clock: Clock; readonly dialTimeoutMs: number; readonly topicProofs: boolean }
  readonly firewall: FirewallCheck
  readonly topics: JoinedTopics
  readonly groups: GroupGuard
  readonly stats: SwarmStats
  /** The relay to use for a connection. */
  relay(force: boolean): RelayChoice
}

/** Called once per dial: with OPENED and a connection, or with the code that says why there is none. */
export type DialEnd = (dial: Dial, code: string, error: Error | null) => void

/** One attempt to connect to a peer. It ends exactly once. */
export class Dial implements PendingDial, HandshakePart {
  readonly info: PeerInfo
  connection: Connection | null = null
  /** From the remote's block in its answer; null before that, and from other implementations. */
  origin: Origin | null = null
  /** The memberships that the remote has proved. */
  memberships: readonly Membership[] = []
  readonly #context: DialContext
  readonly #onEnd: DialEnd
  #refusal: Refusal | null = null
  #hasEnded = false
  #error: Error | null = null
  /** An answer that did not come from the peer. A genuine one may follow. */
  #malformed: Error | null = null
  #timer: unknown = null
  #openedAt: MonotonicMs | null = null
  /** The topics that the handshake is about, null until it is made. */
  #about: readonly Uint8Array[] | null = null
  readonly #onError = (error: Error) => {
    this.#error ??= error
  }
  /** Open on this side. The remote's first bytes are on their way, or it has given up and none will come. */
  readonly #onOpen = () => {
    if (this.#hasEnded) return
    this.#openedAt = this.#context.settings.clock.now()
    this.#expect(CONFIRM_TIMEOUT_MS, 'UNCONFIRMED')
  }
  readonly #onClose = () => this.#end(this.#closeCode())

  constructor(context: DialContext, info: PeerInfo, onEnd: DialEnd) {
    this.#context = context
    this.info = info
    this.#onEnd = onEnd
  }

  /** The topics sent to the remote. */
  get handshakeTopics(): readonly Uint8Array[] {
    return this.#about?.slice(0, MAX_PROOFS) ?? []
  }

  get isHalfOpen(): boolean {
    return this.#openedAt !== null && this.#context.settings.clock.now() - this.#openedAt >= HALF_OPEN_MS
  }

  start(): void {
    const { firewall, settings } = this.#context
    this.#expect(settings.dialTimeoutMs, 'DIAL_TIMEOUT')
    const refuses = firewall.refuses(this.info.publicKey, null)
    if (typeof refuses === 'boolean') this.#afterFirewall(refuses)
    else refuses.then((late) => this.#afterFirewall(late))
  }

  cancel(code: string): void {
    if (this.#hasEnded) return
    this.#end(code)
    this.connection?.destroy()
  }

  hello(): Hello {
    const { groups, identity, settings, topics } = this.#context
    const keys = { initiator: identity.keyPair.publicKey, responder: this.info.publicKey }
    const about = topics.joined(this.info.topics).map(({ topic }) => topic)
    this.#about = about
    const proofs = settings.topicProofs ? topicProofs(about, 'initiator', keys) : []
    return { ...identity.hello(proofs, null, groups.statementsFor(about)), hasPaths: identity.hasPaths }
  }

  received(hello: Hello | null): void {
    this.origin = hello && originOf(hello)
    this.#refusal = hello?.refusal ?? null
    if (this.#hasEnded || this.#refusal !== null) return
    this.memberships = this.#context.groups.verify(hello?.statements ?? [], this.info.publicKey)
    this.#assertMember()
  }

  malformed(): void {
    this.#context.stats.malformedHandshakes++
    this.#malformed = new SwarmError('HANDSHAKE_MALFORMED', 'the peer answered with bytes that are not a handshake')
  }

  /** The peer has so long for its next step. */
  #expect(timeoutMs: number, code: string): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(() => this.cancel(code), timeoutMs)
  }

  /** What the peer sent in time may wait unread while our event loop stands still. */
  get #clock(): Clock {
    return deadlineClock(this.#context.settings.clock)
  }

  #afterFirewall(refuses: boolean): void {
    if (this.#hasEnded) return
    if (refuses) {
      this.#context.stats.firewallRefusals++
      this.#end('FIREWALLED')
    } else this.#connect()
  }

  #connect(): void {
    try {
      this.connection = this.#context.node.connect(this.info.publicKey, this.#connectOptions())
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error))
      this.#end(codeOf(error, 'DIAL_FAILED'))
      return
    }
    isolateListeners(this.connection)
    completeAsNodeStream(this.connection)
    this.connection.on('error', this.#onError)
    this.connection.on('open', this.#onOpen)
    this.connection.on('close', this.#onClose)
    whenConfirmed(this.connection, () => this.#onConfirmed())
  }

  #connectOptions() {
    const { codec, createSecretStream, identity } = this.#context
    const createHandshake: CreateHandshake | null =
      codec && ((keyPair, remotePublicKey) => new ExtendedHandshake(keyPair, remotePublicKey, codec, this))
    return {
      keyPair: identity.keyPair,
      relayAddresses: this.info.relayAddresses,
      relayThrough: this.#context.relay(this.info.forceRelaying),
      ...(createHandshake && { createHandshake }),
      ...(identity.hasPaths && createSecretStream && { createSecretStream })
    }
  }

  /** Checked again: a membership may have been revoked, and a node may have made its own handshake. */
  #onConfirmed(): void {
    if (!this.#hasEnded && this.#assertMember()) this.#end(OPENED)
  }

  /** Ends the dial, without a word to the remote, unless the remote is a member of the required groups. */
  #assertMember(): boolean {
    const { groups, stats } = this.#context
    const about = this.#about ?? this.info.topics
    // Topics that the peer was found on since the handshake began count as well.
    const reasons = about.length === 0 ? [about] : [about, this.info.topics]
    if (reasons.some((topics) => groups.admitsDialled(topics, this.memberships))) return true
    stats.notMembers++
    this.cancel('NOT_A_MEMBER')
    return false
  }

  /** The reason given by the remote takes precedence over the code that the node made of its answer. */
  #closeCode(): string {
    if (this.#refusal !== null) return REFUSED[this.#refusal]
    const code = codeOf(this.#error, 'DIAL_FAILED')
    if (this.#malformed === null || !NO_ANSWER.has(code)) return code
    this.#error = this.#malformed
    return 'HANDSHAKE_MALFORMED'
  }

  #end(code: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#clock.clearTimeout(this.#timer)
    this.#stopListening()
    this.#onEnd(this, code, this.#error)
  }

  /** An open connection must not keep its dial, and with it the handshake, in memory. */
  #stopListening(): void {
    this.connection?.removeListener('error', this.#onError)
    this.connection?.removeListener('open', this.#onOpen)
    this.connection?.removeListener('close', this.#onClose)
  }
}
