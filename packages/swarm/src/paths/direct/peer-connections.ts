import b4a from 'b4a'
import sodium from 'sodium-universal'
import type { DirectSettings } from './options.js'
import type { PeerConnection } from './peer-connection.js'

const HOST_ID_BYTES = 16

/** By the constructor of peer connections, then by what they are made with. */
const pools = new WeakMap<object, Map<string, PeerConnections>>()

/** The peer connections of a page or a process, which its swarms share. */
export class PeerConnections {
  /** Tells peers which of their connections lead to the same place. Empty if nothing is shared. */
  readonly hostId: string
  /** Those that are not closed. */
  readonly all = new Set<PeerConnection>()

  /** For what is made for one connection, and must not keep it. */
  readonly forget = (connection: PeerConnection): void => {
    this.all.delete(connection)
  }

  /** `hostId` is random by default. */
  constructor(isShared: boolean, hostId = isShared ? randomId() : '') {
    this.hostId = hostId
  }

  /** Those of all swarms with the same settings. */
  static of({ iceServers, localAddresses, policy, rtc, share }: DirectSettings): PeerConnections {
    if (!share) return new PeerConnections(false)
    const alike = pools.get(rtc.RTCPeerConnection) ?? new Map<string, PeerConnections>()
    pools.set(rtc.RTCPeerConnection, alike)
    const key = JSON.stringify([iceServers, localAddresses, policy])
    const pool = alike.get(key) ?? new PeerConnections(true)
    alike.set(key, pool)
    return pool
  }

  /** Whether we make the peer connection with the host of this id, and not that host. */
  leads(remoteId: string): boolean {
    return this.hostId === '' || remoteId <= this.hostId
  }

  /** One with the host of this id, if there is any that fits. Nobody shares anything with itself. */
  findWith(remoteId: string, fits: (connection: PeerConnection) => boolean): PeerConnection | undefined {
    const isShared = this.hostId !== '' && remoteId !== '' && remoteId !== this.hostId
    return this.find((connection) => isShared && connection.remoteId === remoteId && fits(connection))
  }

  /** One that takes more connections, and fits. */
  find(fits: (connection: PeerConnection) => boolean): PeerConnection | undefined {
    return [...this.all].find((connection) => connection.hasRoom && fits(connection))
  }
}

function randomId(): string {
  const id = b4a.alloc(HOST_ID_BYTES)
  sodium.randombytes_buf(id)
  return b4a.toString(id, 'hex')
}
