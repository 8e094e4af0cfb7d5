import { invalidArgument } from '../../errors.js'
import type { PeerInfo } from '../../peers/peer-info.js'
import type { IceServer, Rtc, UsableRtc } from './rtc.js'

/** How connections may move to a direct path, by WebRTC, once they are open. */
export interface DirectOptions {
  /** STUN and TURN servers, as for an `RTCPeerConnection`. They see our address. Default: none. */
  iceServers?: readonly IceServer[] | undefined
  /** 'relay' uses TURN servers only, so that peers do not see our address. Default: 'all'. */
  policy?: 'all' | 'relay' | undefined
  /** The implementation of WebRTC; in Node `await import('node-datachannel/polyfill')`. Default: the platform's. */
  rtc?: Rtc | undefined
  /**
   * Also try addresses of local networks that a peer names. Default: false with `rtc`, so that a peer cannot make us send
   * packets into our own network; true without, because browsers decide that for their pages.
   */
  localAddresses?: boolean | undefined
  /** Whether this peer, which is on these topics, may see our address. Called before each attempt. Default: yes. */
  allow?: ((peer: PeerInfo, topics: readonly Uint8Array[]) => boolean) | undefined
}

/** The verified options. */
export interface DirectSettings {
  readonly iceServers: readonly IceServer[]
  readonly policy: 'all' | 'relay'
  readonly rtc: UsableRtc
  readonly localAddresses: boolean
  readonly allow: (peer: PeerInfo, topics: readonly Uint8Array[]) => boolean
}

/** Where WebRTC is, in a page. */
const platform = globalThis as unknown as object

/** Verifies the option `direct` and fills in the defaults; null for no direct paths. Throws a `TypeError`. */
export function settleDirect(direct: unknown): DirectSettings | null {
  if (direct === false || (direct === undefined && !isRtc(platform))) return null
  if (direct !== undefined && (typeof direct !== 'object' || direct === null))
    throw invalidArgument('direct', 'false or an object', direct)
  const options: DirectOptions = direct ?? {}
  const { iceServers = [], policy = 'all', allow = () => true } = options
  const rtc: unknown = options.rtc ?? platform
  const { localAddresses = options.rtc === undefined } = options
  if (!Array.isArray(iceServers)) throw invalidArgument('direct.iceServers', 'an array', iceServers)
  if (policy !== 'all' && policy !== 'relay') throw invalidArgument('direct.policy', "'all' or 'relay'", policy)
  if (!isRtc(rtc)) throw invalidArgument('direct.rtc', 'an object with an RTCPeerConnection', options.rtc)
  if (typeof localAddresses !== 'boolean') throw invalidArgument('direct.localAddresses', 'a boolean', localAddresses)
  if (typeof allow !== 'function') throw invalidArgument('direct.allow', 'a function', allow)
  return { iceServers, policy, rtc, localAddresses, allow }
}

function isRtc(rtc: unknown): rtc is UsableRtc {
  return (
    typeof rtc === 'object' && rtc !== null && 'RTCPeerConnection' in rtc && typeof rtc.RTCPeerConnection === 'function'
  )
}
