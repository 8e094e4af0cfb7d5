/**
 * The swarm without its own DHT: the base for a swarm over another kind of node, in a browser too.
 * @packageDocumentation
 */
// Must come before everything that loads sodium.
import './wasm-guard/guard.js'

export {
  type AnyEvents,
  type Clock,
  type EpochMs,
  type EventMap,
  formatTrace,
  type MonotonicMs,
  monotonicMs,
  onTrace,
  systemClock,
  systemWallClock,
  type TraceArea,
  type TraceListener,
  type TraceRecord,
  TypedEmitter,
  type TypedEmitterConstructor,
  type WallClock
} from '@swarmway/runtime'
export type { Firewall } from './connections/firewall.js'
export type { OpenConnection } from './connections/table.js'
export type { DialFailure, DialStage } from './dialing/failure.js'
export type { ConnectCallOptions } from './dialing/waiters.js'
export type { DiscoveryFailure } from './discovery/failure.js'
export type * from './discovery/finder.js'
export { PeerDiscovery } from './discovery/peer-discovery.js'
export { type Job, QueryScheduler } from './discovery/scheduler.js'
export { type DiscoveryMode, PeerDiscoverySession } from './discovery/session.js'
export { codeOf, invalidArgument, SwarmError, type SwarmErrorCode } from './errors.js'
export { type CreateGroupOptions, createGroup, Group, type InviteOptions } from './groups/group.js'
export { Membership } from './groups/membership.js'
export type { GroupChoice, GroupOptions } from './groups/options.js'
export { createPlainHandshake, type PayloadCodec } from './handshake/noise.js'
export type {
  Connection,
  ConnectionEvents,
  ConnectionPath,
  ListenToConnection,
  PipeCallback,
  PlatformBytes,
  RawStream,
  TextEncoding,
  WriteCallback
} from './network/connection.js'
export type * from './network/dht-node.js'
export type { NetworkProbe, NetworkWatcher } from './network/network-probe.js'
export type { OfflineReason, OfflineState } from './network/reachability.js'
export type { DirectOptions } from './paths/direct/options.js'
export type { IceServer, Rtc } from './paths/direct/rtc.js'
export { type PathHandshake, withPaths } from './paths/overlay.js'
export { PeerInfo, type PeerInfoEvents } from './peers/peer-info.js'
export type { CoreOptions, RelayingSwarm, RelayThrough } from './swarm/options.js'
export { SwarmCore } from './swarm/swarm-core.js'
export type {
  DestroyOptions,
  JoinOptions,
  LeaveOptions,
  PeerVerdict,
  SwarmEvents,
  SwarmNetwork
} from './swarm/swarm-types.js'
export type { AbortSignalLike } from './util/abort-signal.js'
export { createKeyPair, type KeyPair, type PublicKeyHex, publicKeyFrom } from './util/keys.js'
export type { DirectStats, SwarmStats } from './util/stats.js'
export { type TopicHex, topicFrom } from './util/topic.js'
