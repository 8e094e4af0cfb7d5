import { isolateListeners, trace } from '@swarmway/runtime'
import { SwarmError } from '../errors.js'
import type { Connection } from '../network/connection.js'
import { completeAsNodeStream } from '../network/node-stream.js'
import type { SpareAccepts } from '../paths/spare/spare-accepts.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { SwarmStats } from '../util/stats.js'
import { whenConfirmed } from './confirm.js'
import { isOutdated, replacedBy } from './dedup.js'
import type { ConnectionTable, OpenConnection, PendingInbound, Slot } from './table.js'
import type { UnfinishedHandshakes } from './unfinished.js'

/** What the acceptor needs. */
export interface AcceptorContext {
  readonly table: ConnectionTable
  readonly stats: SwarmStats
  readonly spares: SpareAccepts
  readonly unfinished: UnfinishedHandshakes
  /** False while suspended and after destroy, when nothing new may begin. */
  isActive(): boolean
  /** A connection is ready to be shown to the application. */
  onOpen(info: PeerInfo, open: OpenConnection, handshakeTopics: readonly Uint8Array[]): void
  /** The handshake had proofs that were not compared with all topics. */
  onUnproven(info: PeerInfo, open: OpenConnection, proofs: readonly Uint8Array[]): void
  /** Part of the peer's slot was freed: there may be room for others, or for this peer. */
  onSlotFreed(info: PeerInfo): void
}

/**
 * Takes the connections that follow accepted handshakes, waits until the remote has shown that it holds its end, and
 * makes sure that only one connection per peer remains when dials cross.
 */
export class Acceptor {
  readonly #context: AcceptorContext

  constructor(context: AcceptorContext) {
    this.#context = context
  }

  /** A connection arrived at the node's server. */
  accept(connection: Connection): void {
    isolateListeners(connection)
    completeAsNodeStream(connection)
    if (this.#context.isActive() && this.#context.spares.take(connection)) return
    const slot = this.#context.table.get(connection.remotePublicKey)
    const inbound = slot?.inbound
    if (!this.#context.isActive() || !slot || !inbound) {
      connection.destroy()
      return
    }
    // A second handshake of the same peer led to a second connection: the remote holds the later one.
    inbound.connection?.destroy()
    inbound.connection = connection
    inbound.onClose = () => this.#onClosedEarly(connection, inbound)
    connection.on('close', inbound.onClose)
    whenConfirmed(connection, () => this.#onConfirmed(connection, inbound))
  }

  #onClosedEarly(connection: Connection, inbound: PendingInbound): void {
    const slot = this.#slotOf(connection, inbound)
    if (slot === null || inbound.connection !== connection) return
    inbound.cancelExpiry()
    this.#context.stats.unconfirmed++
    this.#context.unfinished.add(inbound.host)
    trace.accept?.('unconfirmed', { peer: slot.info.publicKey })
    this.#context.table.change(slot.info, { inbound: null })
    this.#context.onSlotFreed(slot.info)
  }

  #onConfirmed(connection: Connection, inbound: PendingInbound): void {
    const slot = this.#slotOf(connection, inbound)
    if (slot === null || inbound.connection !== connection || connection.destroying) return
    inbound.cancelExpiry()
    slot.dial?.cancel('DUPLICATE')
    if (slot.open === null) this.#open(slot, connection, inbound)
    else if (isOutdated(slot.open, inbound.origin)) this.#replace(slot, connection, inbound)
    else this.#drop(slot, connection)
  }

  /** The slot, if it still waits for this inbound connection. */
  #slotOf(connection: Connection, inbound: PendingInbound): Slot | null {
    const slot = this.#context.table.get(connection.remotePublicKey)
    return slot?.inbound === inbound ? slot : null
  }

  #open(slot: Slot, connection: Connection, inbound: PendingInbound, replaced?: readonly string[]): void {
    // Nothing of the handshake is kept while the connection lives.
    if (inbound.onClose !== null) connection.removeListener('close', inbound.onClose)
    const { memberships, origin } = inbound
    const open = { connection, isClient: false, origin, memberships, ...(replaced && { replaced }) }
    this.#context.table.change(slot.info, { inbound: null, open })
    this.#context.onOpen(slot.info, open, inbound.topics)
    this.#context.onUnproven(slot.info, open, inbound.unproven)
  }

  /** The application sees the old connection close before it sees the new one. */
  #replace(slot: Slot, connection: Connection, inbound: PendingInbound): void {
    const outdated = slot.open?.connection
    const replaced = replacedBy(slot.open, inbound.origin)
    this.#context.stats.dedupDrops++
    outdated?.once('close', () => {
      const current = this.#slotOf(connection, inbound)
      if (current !== null && !connection.destroying && this.#context.isActive()) {
        this.#open(current, connection, inbound, replaced)
      } else connection.destroy()
    })
    outdated?.destroy(new SwarmError('DUPLICATE', 'a new connection from the peer replaces this one'))
  }

  #drop(slot: Slot, connection: Connection): void {
    this.#context.stats.dedupDrops++
    this.#context.table.change(slot.info, { inbound: null })
    connection.destroy()
    this.#context.onSlotFreed(slot.info)
  }
}
