import { callApplication } from '@swarmway/runtime'
import type { Connection, ConnectionPath } from '../../network/connection.js'
import type { DhtNode } from '../../network/dht-node.js'
import type { PeerInfo } from '../../peers/peer-info.js'
import type { DirectStats } from '../../util/stats.js'
import { PathStream } from '../path-stream.js'
import { type SpareContext, SparePath } from '../spare/spare-path.js'
import { addressKind } from './candidates.js'
import { MAX_DIRECT_PATHS, MAX_SPARE_DIALS } from './limits.js'
import type { DirectSettings } from './options.js'
import { PageEnd } from './page-end.js'
import { PeerConnections } from './peer-connections.js'
import type { RtcPeerConnection } from './rtc.js'
import { Upgrade } from './upgrade.js'

/** What the direct paths of a swarm need. */
export interface DirectContext extends Omit<SpareContext, 'takeDialPlace' | 'freeDialPlace'> {
  readonly stats: DirectStats
  /** What connections are before they move. */
  readonly firstPath: ConnectionPath
}

/** Moves the connections of one swarm to direct paths, and says in `connection.path` which way they take. */
export class DirectPaths {
  readonly #settings: DirectSettings | null
  readonly #context: DirectContext
  readonly #pageEnd = new PageEnd()
  #places = MAX_DIRECT_PATHS
  #spareDialPlaces = MAX_SPARE_DIALS
  /** What connections do when the network has changed. */
  readonly #onChange = new Set<() => void>()

  /** Without settings, connections stay where they are. */
  constructor(settings: DirectSettings | null, context: DirectContext) {
    this.#settings = settings
    this.#context = context
  }

  /** A connection is open, and about to be shown to the application. */
  begin(connection: Connection, info: PeerInfo): void {
    const stream: unknown = connection.rawStream
    // Not an accessor: with one more of those, the engine keeps the connection as a dictionary, which takes 3 kB and is slow.
    const shown: { path: ConnectionPath } = connection
    shown.path = this.#context.firstPath
    if (this.#settings === null || !(stream instanceof PathStream) || stream.destroying) return
    const show = (path: ConnectionPath) => {
      if (path === shown.path) return
      this.#context.stats.current += path === 'direct' ? 1 : -1
      shown.path = path
    }
    this.#pageEnd.add(stream)
    stream.on('close', () => {
      this.#pageEnd.delete(stream)
      show(this.#context.firstPath)
    })
    this.#upgrade(this.#settings, connection, stream, info, () => {
      const { path } = shown
      show(stream.isOnFirstPath ? this.#context.firstPath : 'direct')
      if (path !== shown.path) connection.emit('path', shown.path)
    })
  }

  /** The node's network has changed: peers may be reachable again, and we for them. */
  onNetworkChange(): void {
    for (const react of this.#onChange) react()
  }

  #spareOf(stream: PathStream, info: PeerInfo): SparePath {
    return new SparePath(stream, info, {
      ...this.#context,
      takeDialPlace: () => this.#spareDialPlaces > 0 && this.#spareDialPlaces-- > 0,
      freeDialPlace: () => this.#spareDialPlaces++
    })
  }

  #upgrade(
    settings: DirectSettings,
    { isInitiator }: Connection,
    stream: PathStream,
    info: PeerInfo,
    onPath: () => void
  ): void {
    const { clock, identity, stats } = this.#context
    const isAsker = identity.winsTieAgainst(info.publicKey)
    const spare = isInitiator ? this.#spareOf(stream, info) : null
    const upgrade = new Upgrade(stream, isAsker, {
      pool: PeerConnections.of(settings),
      clock,
      stats,
      peer: info.publicKey,
      onPath,
      onBaseLost: () => spare?.begin(),
      onSpare: () => spare?.onReady(),
      onReachable: () => spare?.hurry(),
      isWanted: () =>
        callApplication(
          () => settings.allow(info, info.topics),
          () => false
        ),
      takePlace: () => this.#places > 0 && this.#places-- > 0,
      freePlace: () => this.#places++,
      isAllowed: (candidate) => isAllowed(candidate, settings.localAddresses),
      createPeerConnection: () => createPeerConnection(settings, this.#context.node)
    })
    const react = () => {
      if (stream.hasBase) return
      if (spare === null) upgrade.tellReachable()
      else spare.hurry()
    }
    this.#onChange.add(react)
    stream.on('close', () => this.#onChange.delete(react))
  }
}

function isAllowed(candidate: string, localAddresses: boolean): boolean {
  const kind = addressKind(candidate)
  return kind === 'public' || (localAddresses && kind !== 'none')
}

function createPeerConnection({ iceServers, policy, rtc }: DirectSettings, { stunUrl }: DhtNode): RtcPeerConnection {
  const all = [...iceServers, ...(stunUrl ? [{ urls: stunUrl }] : [])]
  return new rtc.RTCPeerConnection({ iceServers: all, iceTransportPolicy: policy })
}
