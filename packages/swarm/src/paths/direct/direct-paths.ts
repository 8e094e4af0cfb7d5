import { type Clock, callApplication } from '@swarmway/runtime'
import b4a from 'b4a'
import type { Connection, ConnectionPath } from '../../network/connection.js'
import type { PeerInfo } from '../../peers/peer-info.js'
import type { DirectStats } from '../../util/stats.js'
import { PathStream } from '../path-stream.js'
import { addressKind } from './candidates.js'
import { MAX_PEER_CONNECTIONS } from './limits.js'
import type { DirectSettings } from './options.js'
import { PageEnd } from './page-end.js'
import type { RtcPeerConnection } from './rtc.js'
import { Upgrade } from './upgrade.js'

/** What the direct paths of a swarm need. */
export interface DirectContext {
  readonly clock: Clock
  readonly stats: DirectStats
  /** The swarm's. */
  readonly publicKey: Uint8Array
  /** What connections are before they move. */
  readonly firstPath: ConnectionPath
}

/** Moves the connections of one swarm to direct paths, and says in `connection.path` which way they take. */
export class DirectPaths {
  readonly #settings: DirectSettings | null
  readonly #context: DirectContext
  readonly #pageEnd = new PageEnd()
  #places = MAX_PEER_CONNECTIONS

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
    this.#upgrade(this.#settings, stream, info, () => {
      const { path } = shown
      show(stream.isOnFirstPath ? this.#context.firstPath : 'direct')
      if (path !== shown.path) connection.emit('path', shown.path)
    })
  }

  #upgrade(settings: DirectSettings, stream: PathStream, info: PeerInfo, onPath: () => void): void {
    const { clock, publicKey, stats } = this.#context
    const isOfferer = b4a.compare(publicKey, info.publicKey) > 0
    new Upgrade(stream, isOfferer, {
      clock,
      stats,
      peer: info.publicKey,
      onPath,
      isWanted: () =>
        callApplication(
          () => settings.allow(info, info.topics),
          () => false
        ),
      takePlace: () => this.#places > 0 && this.#places-- > 0,
      freePlace: () => this.#places++,
      isAllowed: (candidate) => isAllowed(candidate, settings.localAddresses),
      createPeerConnection: () => createPeerConnection(settings)
    })
  }
}

function isAllowed(candidate: string, localAddresses: boolean): boolean {
  const kind = addressKind(candidate)
  return kind === 'public' || (localAddresses && kind !== 'none')
}

function createPeerConnection({ iceServers, policy, rtc }: DirectSettings): RtcPeerConnection {
  return new rtc.RTCPeerConnection({ iceServers: [...iceServers], iceTransportPolicy: policy })
}
