import { RTCPeerConnection } from 'node-datachannel/polyfill'
import type { RtcConfiguration } from '../../../swarm/src/paths/direct/rtc.js'
import type { Rtc } from '../../src/index.js'

/** WebRTC for Node that remembers its peer connections, so that tests can end them. */
export interface WatchedRtc extends Rtc {
  readonly made: { readonly configuration: RtcConfiguration; close(): void }[]
}

/** A new one. */
export function watchedRtc(): WatchedRtc {
  const made: { configuration: RtcConfiguration; close(): void }[] = []
  // Its types are those of the DOM, which tests in Node do not load.
  const Base = RTCPeerConnection as unknown as new (configuration: RtcConfiguration) => { close(): void }
  class WatchedConnection extends Base {
    constructor(configuration: RtcConfiguration) {
      // The tests use nothing but this machine.
      super({ ...configuration, bindAddress: '127.0.0.1' } as RtcConfiguration)
      made.push({ configuration, close: () => this.close() })
    }
  }
  return { RTCPeerConnection: WatchedConnection, made }
}
