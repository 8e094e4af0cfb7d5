import type { Connection } from '../connection.js'
import type { SwarmContext } from '../context.js'
import type { PeerInfo } from '../peer-info.js'
import type { ConnectionTable, OpenConnection, Slot } from './table.js'

/** Told of what happens to open connections. */
export interface OpenedListener {
  onOpened(info: PeerInfo, connection: Connection): void
  onLost(info: PeerInfo): void
}

/** The connections that the application knows: from the moment they are shown to their close. */
export class OpenedConnections {
  readonly connections = new Set<Connection>()
  readonly #context: SwarmContext
  readonly #listener: OpenedListener

  constructor(context: SwarmContext, listener: OpenedListener) {
    this.#context = context
    this.#listener = listener
  }

  open(info: PeerInfo, open: OpenConnection): void {
    const { connection, isClient } = open
    this.#counts(isClient).opened++
    this.connections.add(connection)
    info.onConnected(isClient)
    connection.once('close', () => this.#onClose(info, open))
    this.#listener.onOpened(info, connection)
  }

  /** Ends all that there is with the peer. Resolves when its connection has closed. */
  close(info: PeerInfo): Promise<void> {
    const slot = this.#context.table.get(info.publicKey)
    return slot === undefined ? Promise.resolve() : closeSlot(slot, this.#context.table)
  }

  /** Ends everything with everybody. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#context.table].map((slot) => closeSlot(slot, this.#context.table)))
  }

  /** Closes the connections that are known to be for `topic` and that nothing else holds. */
  async closeTopic(topic: Uint8Array): Promise<void> {
    const { table, topics } = this.#context
    const only = [...table].filter(({ info }) => info.hasTopic(topic) && !info.explicit)
    const unheld = only.filter(({ info }) => topics.joined(info.topics).length === 0)
    await Promise.all(unheld.map((slot) => closeSlot(slot, table)))
  }

  /** Has the connections find out whether they are still alive. */
  probe(): void {
    for (const connection of this.connections) connection.sendKeepAlive()
  }

  #onClose(info: PeerInfo, open: OpenConnection): void {
    this.#counts(open.isClient).closed++
    this.connections.delete(open.connection)
    if (this.#context.table.get(info.publicKey)?.open === open) this.#context.table.change(info, { open: null })
    this.#listener.onLost(info)
  }

  #counts(isClient: boolean) {
    const { connects } = this.#context.stats
    return isClient ? connects.client : connects.server
  }
}

async function closeSlot(slot: Slot, table: ConnectionTable): Promise<void> {
  slot.dial?.cancel('CANCELLED')
  if (slot.inbound !== null) {
    slot.inbound.cancelExpiry()
    table.change(slot.info, { inbound: null })
    slot.inbound.connection?.destroy()
  }
  if (slot.open === null) return
  const { connection } = slot.open
  if (connection.destroyed) return
  const closed = new Promise<void>((resolve) => connection.once('close', () => resolve()))
  connection.destroy()
  await closed
}
