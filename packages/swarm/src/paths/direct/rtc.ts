/** What direct paths use of WebRTC, declared by shape: neither DOM types nor those of a package are assumed. */

/** A server that helps peers to find a path: STUN tells addresses, TURN relays. */
export interface IceServer {
  /** One or several, such as `stun:stun.example:3478`. */
  urls: string | string[]
  /** Of TURN. */
  username?: string
  /** Of TURN. */
  credential?: string
}

/** The part of `RTCConfiguration` that is set. */
export interface RtcConfiguration {
  iceServers: IceServer[]
  iceTransportPolicy: 'all' | 'relay'
}

/** A session description. */
export interface RtcDescription {
  type: 'offer' | 'answer'
  sdp: string
}

/** An ICE candidate. */
export interface RtcCandidate {
  candidate: string
  sdpMid: string | null
  sdpMLineIndex: number | null
}

/** The part of an `RTCDataChannel` that is used. */
export interface RtcDataChannel {
  readonly label: string
  binaryType: string
  readonly readyState: string
  readonly bufferedAmount: number
  bufferedAmountLowThreshold: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onbufferedamountlow: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(data: Uint8Array<ArrayBuffer>): void
  close(): void
}

/** The part of an `RTCPeerConnection` that is used. */
export interface RtcPeerConnection {
  readonly connectionState: string
  readonly sctp: { readonly maxMessageSize: number } | null
  onicecandidate: ((event: never) => void) | null
  onconnectionstatechange: ((event: never) => void) | null
  ondatachannel: ((event: never) => void) | null
  createDataChannel(label: string, options?: { negotiated: boolean; id: number }): RtcDataChannel
  createOffer(): Promise<{ type: string; sdp?: string }>
  createAnswer(): Promise<{ type: string; sdp?: string }>
  setLocalDescription(description: RtcDescription): Promise<void>
  setRemoteDescription(description: RtcDescription): Promise<void>
  addIceCandidate(candidate: RtcCandidate): Promise<void>
  close(): void
}

/** An implementation of WebRTC: a page's `globalThis`, or in Node `await import('node-datachannel/polyfill')`. */
export interface Rtc {
  /** The constructor of peer connections. What its types are depends on which types of the DOM are loaded. */
  readonly RTCPeerConnection: new (
    configuration: never
  ) => object
}

/** The same, by what is used of it. */
export interface UsableRtc {
  readonly RTCPeerConnection: new (configuration: RtcConfiguration) => RtcPeerConnection
}
