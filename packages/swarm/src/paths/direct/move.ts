// Bundlers evaluate what this file and the others share before all else, so the guard has to be part of it.
import '../../wasm-guard/guard.js'
import { callApplication } from '@swarmway/runtime'
import type { DhtNode } from '../../network/dht-node.js'
import type { PeerInfo } from '../../peers/peer-info.js'
import type { DirectStats } from '../../util/stats.js'
import type { PathStream } from '../path-stream.js'
import { type SpareContext, SparePath } from '../spare/spare-path.js'
import { addressKind } from './candidates.js'
import type { DirectSettings } from './options.js'
import { PageEnd } from './page-end.js'
import { PeerConnections } from './peer-connections.js'
import type { RtcPeerConnection } from './rtc.js'
import { Upgrade } from './upgrade.js'

const pageEnd = new PageEnd()

/** What a connection needs to move to a direct path, and to have its first path replaced. */
export interface MoveContext extends SpareContext {
  readonly settings: DirectSettings
  readonly stats: DirectStats
  /** Whether we have dialled the connection. */
  readonly isInitiator: boolean
  /** Takes a place for a direct path; false if there is none. */
  takePlace(): boolean
  freePlace(): void
  /** What we send takes another path now. */
  onPath(): void
}

/** Moves one connection to direct paths. Returns what to call when the network has changed. */
export function move(stream: PathStream, info: PeerInfo, context: MoveContext): () => void {
  pageEnd.add(stream)
  stream.on('close', () => pageEnd.delete(stream))
  const { identity, isInitiator, node, settings } = context
  const spare = isInitiator ? new SparePath(stream, info, context) : null
  const upgrade = new Upgrade(stream, identity.winsTieAgainst(info.publicKey), {
    ...context,
    spare,
    pool: PeerConnections.of(settings),
    peer: info.publicKey,
    isWanted: () =>
      callApplication(
        // A promise is not a yes: an address cannot be taken back.
        () => settings.allow(info, info.topics) === true,
        () => false
      ),
    isAllowed: (candidate) => isAllowed(candidate, settings.localAddresses),
    createPeerConnection: () => createPeerConnection(settings, node)
  })
  return () => {
    if (stream.hasBase) return
    if (spare === null) upgrade.tellReachable()
    else spare.hurry()
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
