import type { OpenedConnections } from '../connections/opened.js'
import type { ConnectionTable } from '../connections/table.js'
import type { Dialer } from '../dialing/dialer.js'
import { SwarmError } from '../errors.js'
import type { Identity } from '../handshake/identity.js'
import type { Connection } from '../network/connection.js'
import type { PeerInfo } from '../peers/peer-info.js'
import type { PeerTable } from '../peers/peer-table.js'
import type { AbortSignalLike } from '../util/abort-signal.js'

/** What the explicit peers need. */
export interface ExplicitPeersContext {
  readonly identity: Identity
  readonly peers: PeerTable
  readonly table: ConnectionTable
}

/** Peers that the application names by their keys. Limits do not hold for them. */
export class ExplicitPeers {
  /** Those that a connection is kept to. */
  readonly kept = new Set<PeerInfo>()
  readonly #context: ExplicitPeersContext
  readonly #dialer: Dialer
  readonly #opened: OpenedConnections

  constructor(context: ExplicitPeersContext, dialer: Dialer, opened: OpenedConnections) {
    this.#context = context
    this.#dialer = dialer
    this.#opened = opened
  }

  /** Keeps a connection to the peer, until `leave` or `disconnect`. Does nothing for the swarm's own key. */
  join(publicKey: Uint8Array): void {
    const { identity, peers, table } = this.#context
    if (identity.isSelf(publicKey)) return
    const info = peers.upsert(publicKey)
    info.explicit = true
    info.parked = false
    info.setQuiet(false)
    this.kept.add(info)
    if (table.has(publicKey)) table.change(info, { isAllowance: true })
    this.#requeue(info)
  }

  /** Undoes `join`. An open connection stays. */
  leave(publicKey: Uint8Array): void {
    const info = this.#context.peers.get(publicKey)
    if (info === undefined) return
    this.#release(info)
    this.#requeue(info)
  }

  /** Dials the peer now. Rejects with SELF, BANNED, or what ended the dial. */
  async connect(publicKey: Uint8Array, signal: AbortSignalLike | undefined): Promise<Connection> {
    const { identity, peers } = this.#context
    if (identity.isSelf(publicKey)) throw new SwarmError('SELF', 'this is the public key of the swarm itself')
    if (peers.get(publicKey)?.banned) throw new SwarmError('BANNED', 'the peer is banned; lift the ban first')
    const info = peers.upsert(publicKey)
    info.parked = false
    info.setQuiet(false)
    return await this.#dialer.connect(info, signal)
  }

  /** Closes everything with the peer, and leaves it alone. Resolves when its connection has closed. */
  async disconnect(publicKey: Uint8Array): Promise<void> {
    const info = this.#context.peers.get(publicKey)
    if (info === undefined) return
    this.#release(info)
    info.parked = true
    info.setQuiet(true)
    this.#dialer.giveUp(info, new SwarmError('CANCELLED', 'disconnect was called for this peer'))
    await this.#opened.close(info)
  }

  #release(info: PeerInfo): void {
    info.explicit = false
    this.kept.delete(info)
  }

  /** Its priority has changed. */
  #requeue(info: PeerInfo): void {
    this.#dialer.forget(info)
    this.#dialer.enqueue(info)
  }
}
