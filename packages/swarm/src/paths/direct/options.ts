import { invalidArgument } from '../../errors.js'
import type { PeerInfo } from '../../peers/peer-info.js'
import { ICE_SERVERS, isIceServer } from './ice-servers.js'
import type { IceServer, Rtc, UsableRtc } from './rtc.js'

/** How connections may move to a direct path, by WebRTC, once they are open. */
export interface DirectOptions {
  /**
   * STUN and TURN servers, as for an `RTCPeerConnection`: URLs such as `stun:stun.example:3478`, and for `turn:` a username
   * and a credential. They see our address. Default: none.
   */
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
  /**
   * Whether all connections with the same other page or process share one peer connection, those of other swarms with the
   * same options included. The peer learns which of our keys belong together. Default: true, with policy 'relay' false.
   */
  share?: boolean | undefined
  /**
   * Whether this peer, which is on these topics, may see our address: only `true` lets it. Called before each attempt.
   * Default: yes.
   */
  allow?: ((peer: PeerInfo, topics: readonly Uint8Array[]) => boolean) | undefined
}

/** The verified options. */
export interface DirectSettings {
  readonly iceServers: readonly IceServer[]
  readonly policy: 'all' | 'relay'
  readonly rtc: UsableRtc
  readonly localAddresses: boolean
  readonly share: boolean
  readonly allow: (peer: PeerInfo, topics: readonly Uint8Array[]) => boolean
}

/** Where WebRTC is, in a page. */
const platform = globalThis as unknown as object

/** What the option may be. */
const EXPECTED =
  "false, or an object with optional iceServers (an array), policy ('all' or 'relay'), localAddresses and share " +
  '(booleans), allow (a function) and rtc, which has RTCPeerConnection and is needed in Node: the module node-datachannel/polyfill'

/** Verifies the option `direct` and fills in the defaults; null for no direct paths. Throws a `TypeError`. */
export function settleDirect(direct: unknown): DirectSettings | null {
  if (direct === false || (direct === undefined && !isRtc(platform))) return null
  const settings = { ...defaults(direct), ...given(direct) }
  if ((direct !== undefined && !isObject(direct)) || !isSettings(settings))
    throw invalidArgument('direct', EXPECTED, direct)
  for (const server of settings.iceServers)
    if (!isIceServer(server)) throw invalidArgument('direct.iceServers', ICE_SERVERS, server)
  return settings
}

function defaults(direct: unknown): object {
  const localAddresses = !isObject(direct) || !('rtc' in direct) || direct.rtc === undefined
  const share = !isObject(direct) || !('policy' in direct) || direct.policy !== 'relay'
  return { iceServers: [], policy: 'all', rtc: platform, localAddresses, share, allow: () => true }
}

/** Options that are undefined have their defaults. */
function given(direct: unknown): object {
  return Object.fromEntries(Object.entries(direct ?? {}).filter(([, value]) => value !== undefined))
}

function isSettings(settings: object): settings is DirectSettings {
  const { allow, iceServers, localAddresses, policy, rtc, share } = settings as Record<keyof DirectSettings, unknown>
  const isPolicy = policy === 'all' || policy === 'relay'
  return (
    isRtc(rtc) &&
    Array.isArray(iceServers) &&
    isPolicy &&
    typeof localAddresses === 'boolean' &&
    typeof share === 'boolean' &&
    typeof allow === 'function'
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isRtc(rtc: unknown): rtc is UsableRtc {
  return isObject(rtc) && 'RTCPeerConnection' in rtc && typeof rtc.RTCPeerConnection === 'function'
}
