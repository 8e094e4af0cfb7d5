import { reasonOf, trace } from '@swarmway/runtime'
import b4a from 'b4a'
import type { Membership } from '../groups/membership.js'
import type { Connection } from '../network/connection.js'
import { errorOf } from '../network/node-stream.js'
import type { PeerInfo } from '../peers/peer-info.js'
import { LateProofs, type LateProofsContext } from './late-proofs.js'
import { MembershipWatch, type MembershipWatchContext } from './membership-watch.js'
import { type ConnectionTable, dropInbound, type OpenConnection, type Slot } from './table.js'
import { TopicUpdates, type TopicUpdatesContext } from './topic-updates.js'

/** What the open connections need. */
export interface OpenedContext extends MembershipWatchContext, TopicUpdatesContext, LateProofsContext {
  readonly settings: MembershipWatchContext['settings'] & TopicUpdatesContext['settings']
}

/** Called when something happens to open connections. */
export interface OpenedListener {
  onOpened(info: PeerInfo, open: OpenConnection): void
  onLost(info: PeerInfo, error: Error | null): void
}

/** The connections that the application knows, from the moment they are shown until they close. */
export class OpenedConnections {
  readonly connections = new Set<Connection>()
  /** Ends those whose peers are no longer members. */
  readonly memberships: MembershipWatch
  /** Tells their peers about further topics. */
  readonly topicUpdates: TopicUpdates
  /** Finds the topics of what they proved, where the handshake had no time. */
  readonly lateProofs: LateProofs
  readonly #context: OpenedContext
  readonly #listener: OpenedListener

  constructor(context: OpenedContext, listener: OpenedListener) {
    this.#context = context
    this.memberships = new MembershipWatch(context)
    this.topicUpdates = new TopicUpdates(context)
    this.lateProofs = new LateProofs(context, (info, open, topic) => this.learn(info, open, [topic], []))
    this.#listener = listener
  }

  /** `handshakeTopics` are those that the handshake was about. */
  open(info: PeerInfo, open: OpenConnection, handshakeTopics: readonly Uint8Array[]): void {
    const { connection, isClient } = open
    this.#counts(isClient).opened++
    this.connections.add(connection)
    info.onConnected(isClient)
    trace.accept?.('connection-open', { peer: info.publicKey, dialled: isClient })
    const late = this.#topicsBut(handshakeTopics, info)
    this.memberships.add(info, open)
    connection.on('close', () => this.#onClose(info, open))
    if (trace.accept !== undefined) traceErrors(info, connection)
    this.topicUpdates.tell(info, open, late)
    this.#listener.onOpened(info, open)
    // hyperswarm shows an accepted connection before it is open, so that programs wait for the event.
    if (!open.isClient) queueMicrotask(() => !connection.destroying && connection.emit('open'))
  }

  /** The peer has proved further topics and memberships. Returns the topics among them that it may be on. */
  learn(
    info: PeerInfo,
    open: OpenConnection,
    topics: readonly Uint8Array[],
    memberships: readonly Membership[]
  ): Uint8Array[] {
    this.memberships.extend(info, open, memberships)
    const allowed = this.#context.groups.allowedTopics(topics, open.memberships)
    for (const topic of allowed) info.addTopic(topic)
    this.topicUpdates.settle(open, allowed)
    return allowed
  }

  /** A lookup found a connected peer on a topic. A group's topic counts only once the peer has proved membership. */
  onFound(info: PeerInfo, open: OpenConnection, topic: Uint8Array): void {
    if (info.hasTopic(topic)) return
    if (this.#context.groups.allows(topic, open.memberships)) info.addTopic(topic)
    this.topicUpdates.tell(info, open, [topic])
  }

  /** Ends everything with the peer. Resolves when its connection has closed. */
  close(info: PeerInfo): Promise<void> {
    const slot = this.#context.table.get(info)
    return slot === undefined ? Promise.resolve() : closeSlot(slot, this.#context.table)
  }

  /** Ends everything with every peer. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#context.table].map((slot) => closeSlot(slot, this.#context.table)))
  }

  /** Closes the connections that are for `topic` and that nothing else holds. */
  async closeTopic(topic: Uint8Array): Promise<void> {
    const { table, topics } = this.#context
    const only = [...table].filter(({ info }) => info.hasTopic(topic) && !info.explicit)
    const unheld = only.filter(({ info }) => topics.joined(info.topics).length === 0)
    await Promise.all(unheld.map((slot) => closeSlot(slot, table)))
  }

  /** Makes the connections check whether they are still alive. */
  probe(): void {
    for (const connection of this.connections) connection.sendKeepAlive()
  }

  #topicsBut(handshakeTopics: readonly Uint8Array[], info: PeerInfo): Uint8Array[] {
    const joined = this.#context.topics.joined(info.topics).map(({ topic }) => topic)
    return joined.filter((topic) => !handshakeTopics.some((known) => b4a.equals(known, topic)))
  }

  #onClose(info: PeerInfo, open: OpenConnection): void {
    this.#counts(open.isClient).closed++
    this.connections.delete(open.connection)
    trace.accept?.('connection-closed', { peer: info.publicKey })
    this.memberships.remove(open)
    this.topicUpdates.forget(open)
    this.lateProofs.forget(open)
    if (this.#context.table.get(info)?.open === open) this.#context.table.change(info, { open: null })
    this.#listener.onLost(info, errorOf(open.connection))
  }

  #counts(isClient: boolean) {
    const { connects } = this.#context.stats
    return isClient ? connects.client : connects.server
  }
}

function traceErrors({ publicKey }: PeerInfo, connection: Connection): void {
  connection.on('error', (error) => trace.accept?.('connection-error', { peer: publicKey, ...reasonOf(error) }))
}

async function closeSlot(slot: Slot, table: ConnectionTable): Promise<void> {
  slot.dial?.cancel('CANCELLED')
  dropInbound(slot, table)
  if (slot.open === null) return
  const { connection } = slot.open
  if (connection.destroyed) return
  const closed = new Promise<void>((resolve) => connection.once('close', () => resolve()))
  connection.destroy()
  await closed
}
