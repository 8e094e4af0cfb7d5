import { invalidArgument } from '../errors.js'
import type { Connection } from '../network/connection.js'
import { PeerInfo } from '../peers/peer-info.js'
import { type LegacyPeer, legacyPeer } from './peer.js'

/** Number of consecutive backoffs after which hyperswarm 2 gives a peer up. */
const MAX_RETRIES = 3

/** The members that hyperswarm 2's info objects have in addition to those of a {@link PeerInfo}. */
export interface LegacyInfoMembers {
  /**
   * The peer that we dialled; null for a connection that we accepted.
   * @deprecated Use `info.publicKey` and `info.topics`.
   */
  readonly peer: LegacyPeer | null
  /**
   * `udx`, or `proxy` on a proxy client. In hyperswarm 2 it was `tcp` or `utp`.
   * @deprecated There is one kind of connection.
   */
  readonly type: 'udx' | 'proxy'
  /**
   * Bans the peer and closes its connection; `soft` lets pending writes finish.
   * @deprecated Use `PeerInfo`'s `ban` and `swarm.disconnect(info.publicKey)`.
   */
  ban(soft?: boolean): void
  /**
   * Makes the next redial wait one step longer. Returns whether the peer will be redialled soon; undefined for a
   * connection that we accepted.
   * @deprecated Backoff is automatic; use `info.ban(true, { ttlMs })` to leave a peer alone for a while.
   */
  backoff(): boolean | undefined
  /**
   * False: there is one connection to a peer, so there is nothing to drop. True for a peer with our own id, whose
   * connection it closes.
   * @deprecated Connections are deduplicated before they are shown.
   */
  deduplicate(localId: Uint8Array, remoteId: Uint8Array): boolean
}

/** A {@link PeerInfo} with hyperswarm 2's members. */
export type LegacyInfo = PeerInfo & LegacyInfoMembers

/** What the members are made from. */
export interface LegacyInfoSettings {
  readonly type: LegacyInfoMembers['type']
  /** Duration of a ban in milliseconds; Infinity for a permanent one. */
  readonly banMs: number
}

/** Adds the members to `info`, for this connection. */
export function legacyInfo(info: PeerInfo, connection: Connection, settings: LegacyInfoSettings): LegacyInfo {
  const found = {
    publicKey: info.publicKey,
    relayAddresses: info.relayAddresses ?? [],
    local: info.localAddress !== null
  }
  const members: LegacyInfoMembers = {
    peer: info.client ? legacyPeer(found, info.topics[0] ?? null) : null,
    type: settings.type,
    ban: (soft = false) => ban(info, connection, soft, settings.banMs),
    backoff: () => backOff(info),
    deduplicate: (localId, remoteId) => isOwnConnection(connection, localId, remoteId)
  }
  for (const [name, value] of Object.entries(members)) Object.defineProperty(info, name, { value, configurable: true })
  return info as LegacyInfo
}

function ban(info: PeerInfo, connection: Connection, soft: boolean, ttlMs: number): void {
  PeerInfo.prototype.ban.call(info, true, { ttlMs })
  if (soft) connection.end()
  else connection.destroy(new Error('Peer was banned'))
}

function backOff(info: PeerInfo): boolean | undefined {
  if (!info.client) return undefined
  info.attempts++
  info.discountConnection()
  return !info.banned && info.attempts <= MAX_RETRIES
}

function isOwnConnection(connection: Connection, localId: Uint8Array, remoteId: Uint8Array): boolean {
  if (!(localId instanceof Uint8Array)) throw invalidArgument('localId', 'a Uint8Array', localId)
  if (!(remoteId instanceof Uint8Array)) throw invalidArgument('remoteId', 'a Uint8Array', remoteId)
  const isSame = localId.byteLength === remoteId.byteLength && localId.every((byte, i) => byte === remoteId[i])
  if (isSame) connection.destroy(new Error('Connected to self'))
  return isSame
}
