import { RTCPeerConnection } from 'node-datachannel/polyfill'
import type { RtcConfiguration } from '../../../swarm/src/paths/direct/rtc.js'
import type { Rtc } from '../../src/index.js'

interface Watched {
  readonly configuration: RtcConfiguration
  readonly connectionState: string
  readonly localDescription: { readonly type: 'offer' | 'answer'; readonly sdp: string }
  close(): void
}

/** WebRTC for Node that remembers its peer connections, so that tests can end them. */
export interface WatchedRtc extends Rtc {
  readonly made: Watched[]
}

/** A new one. */
export function watchedRtc(): WatchedRtc {
  const made: Watched[] = []
  // Its types are those of the DOM, which tests in Node do not load.
  const Base = RTCPeerConnection as unknown as new (configuration: RtcConfiguration) => Omit<Watched, 'configuration'>
  class WatchedConnection extends Base {
    constructor(configuration: RtcConfiguration) {
      // The tests use nothing but this machine.
      super({ ...configuration, bindAddress: '127.0.0.1' } as RtcConfiguration)
      made.push(Object.assign(this, { configuration }))
    }
  }
  return { RTCPeerConnection: WatchedConnection, made }
}
