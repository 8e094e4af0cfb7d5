import type { MonotonicMs } from '@swarmway/runtime'
import type { Membership } from '../groups/membership.js'
import type { Origin } from '../handshake/extension.js'
import type { Connection } from '../network/connection.js'
import type { PeerInfo } from '../peers/peer-info.js'
import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'

/** A dial in progress, as the table sees it. */
export interface PendingDial {
  /** Whether it opened here a while ago, and nothing came. */
  readonly isHalfOpen: boolean
  /** Ends the dial with this outcome code; does nothing if it has already ended. */
  cancel(code: string): void
}

/** An accepted handshake whose connection has not appeared yet. */
export interface PendingInbound {
  readonly origin: Origin | null
  /** Our topics that the remote has proved to know. */
  readonly topics: Uint8Array[]
  /** The host from which the handshake came, as far as it is known. */
  readonly host: string
  readonly reservedAt: MonotonicMs
  /** Further proofs of topics; see late-proofs.ts. */
  readonly unproven: readonly Uint8Array[]
  /** The memberships that the remote has proved. */
  readonly memberships: readonly Membership[]
  /**
   * Whether it has waited so long that the connection may never come: the remote's way to us works, ours to it may not.
   * Then it does not hold our own dial back.
   */
  isHalfOpen: boolean
  connection: Connection | null
  /** The listener for the connection's end while it is not shown. */
  onClose: (() => void) | null
  /** Ends the wait for the connection. */
  cancelExpiry(): void
}

/** A connection that the application knows. */
export interface OpenConnection {
  readonly connection: Connection
  /** Whether we dialled it. */
  readonly isClient: boolean
  /** From the remote's block in the connection's handshake; null from another implementation. */
  readonly origin: Origin | null
  /** The memberships that the remote has proved so far. */
  memberships: readonly Membership[]
  /** Incarnations of the remote whose connections this one has replaced, directly or through others. */
  readonly replaced?: readonly string[]
}

/** Everything there currently is with one peer: at most a dial, a pending inbound and an open connection. */
export interface Slot {
  readonly key: PublicKeyHex
  readonly info: PeerInfo
  readonly dial: PendingDial | null
  readonly inbound: PendingInbound | null
  readonly open: OpenConnection | null
  /** Not counted against any limit because the application asked for this peer. Holds until the slot is empty. */
  readonly isAllowance: boolean
}

type Change = Partial<Pick<Slot, 'dial' | 'inbound' | 'open' | 'isAllowance'>>

/**
 * The swarm's connections, open and pending, by peer. Its counts include every reservation, so a
 * limit that is checked before a reservation also holds after it.
 */
export class ConnectionTable {
  /** Slots counted against limits. */
  peerCount = 0
  /** Dialled by us, dials in progress included, allowances excluded. */
  clientCount = 0
  /** Accepted by us, pending ones included, allowances excluded. */
  serverCount = 0
  readonly #slots = new Map<PublicKeyHex, Slot>()

  get size(): number {
    return this.#slots.size
  }

  get(peer: PeerInfo | Uint8Array): Slot | undefined {
    return this.#slots.get(keyOf(peer))
  }

  has(peer: PeerInfo | Uint8Array): boolean {
    return this.#slots.has(keyOf(peer))
  }

  /** Whether a dial to the peer has to wait for what there already is with it. */
  isTaken(peer: PeerInfo | Uint8Array): boolean {
    const slot = this.get(peer)
    return slot !== undefined && (slot.dial !== null || slot.open !== null || slot.inbound?.isHalfOpen !== true)
  }

  /** What was accepted before the end of an outage holds no dial back. */
  doubtInbound(): void {
    for (const { inbound } of this.#slots.values()) if (inbound !== null) inbound.isHalfOpen = true
  }

  cancelDials(): void {
    for (const { dial } of [...this.#slots.values()]) dial?.cancel('CANCELLED')
  }

  /** Applies `change` to the peer's slot, which is created with its first part and removed with its last. */
  change(info: PeerInfo, change: Change): void {
    const { key } = info
    const before = this.#slots.get(key)
    if (before !== undefined) this.#count(before, -1)
    const empty = { key, info, dial: null, inbound: null, open: null, isAllowance: false }
    const after: Slot = { ...(before ?? empty), ...change }
    if (after.dial === null && after.inbound === null && after.open === null) this.#slots.delete(key)
    else this.#slots.set(key, after)
    if (this.#slots.get(key) === after) this.#count(after, 1)
  }

  [Symbol.iterator](): IterableIterator<Slot> {
    return this.#slots.values()
  }

  #count(slot: Slot, sign: 1 | -1): void {
    if (slot.isAllowance) return
    this.peerCount += sign
    if (slot.dial !== null) this.clientCount += sign
    if (slot.inbound !== null) this.serverCount += sign
    if (slot.open === null) return
    if (slot.open.isClient) this.clientCount += sign
    else this.serverCount += sign
  }
}

/** Records of peers have it at hand, which counts in crowds. */
function keyOf(peer: PeerInfo | Uint8Array): PublicKeyHex {
  return peer instanceof Uint8Array ? publicKeyHex(peer) : peer.key
}

/** Ends the wait for the connection of an accepted handshake. */
export function dropInbound({ inbound, info }: Slot, table: ConnectionTable): void {
  if (inbound === null) return
  inbound.cancelExpiry()
  table.change(info, { inbound: null })
  inbound.connection?.destroy()
}
