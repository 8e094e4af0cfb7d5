import { invalidArgument } from '../../errors.js'
import type { PeerInfo } from '../../peers/peer-info.js'
import { ICE_SERVER, isIceServer } from './ice-servers.js'
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

/** What each option may be, and its check. */
const OPTIONS: Readonly<
  Record<keyof DirectOptions, readonly [expected: string, accepts: (value: unknown) => boolean]>
> = {
  iceServers: ['an array', Array.isArray],
  policy: ["'all' or 'relay'", (value) => value === 'all' || value === 'relay'],
  rtc: ['an object with RTCPeerConnection, in Node the module node-datachannel/polyfill', isRtc],
  localAddresses: ['a boolean', isBoolean],
  share: ['a boolean', isBoolean],
  allow: ['a function', (value) => typeof value === 'function']
}

/** Verifies the option `direct` and fills in the defaults; null for no direct paths. Throws a `TypeError`. */
export function settleDirect(direct: unknown): DirectSettings | null {
  if (direct === false || (direct === undefined && !isRtc(platform))) return null
  if (direct !== undefined && (!isObject(direct) || Array.isArray(direct)))
    throw invalidArgument('direct', `false, or an object with any of ${Object.keys(OPTIONS).join(', ')}`, direct)
  // Options that are undefined have their defaults.
  const given = Object.fromEntries(Object.entries(direct ?? {}).filter(([, value]) => value !== undefined))
  const settings = { ...defaults(given), ...given }
  for (const [name, value] of Object.entries(settings)) verify(name, value)
  const verified = settings as DirectSettings
  for (const [index, server] of verified.iceServers.entries())
    if (!isIceServer(server)) throw invalidArgument(`direct.iceServers[${index}]`, ICE_SERVER, server)
  return verified
}

function defaults({ policy, rtc }: { policy?: unknown; rtc?: unknown }): object {
  const [localAddresses, share] = [rtc === undefined, policy !== 'relay']
  return { iceServers: [], policy: 'all', rtc: platform, localAddresses, share, allow: () => true }
}

/** A misspelt option would otherwise be ignored, and peers perhaps see an address that they should not. */
function verify(name: string, value: unknown): void {
  if (!Object.hasOwn(OPTIONS, name))
    throw invalidArgument(`direct.${name}`, `one of ${Object.keys(OPTIONS).join(', ')}`, value)
  const [expected, accepts] = OPTIONS[name as keyof DirectOptions]
  if (!accepts(value)) throw invalidArgument(`direct.${name}`, expected, value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isRtc(rtc: unknown): rtc is UsableRtc {
  return isObject(rtc) && 'RTCPeerConnection' in rtc && typeof rtc.RTCPeerConnection === 'function'
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}
