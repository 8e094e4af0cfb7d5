/**
 * The swarm without a DHT of its own: what a swarm over another kind of node is built on, in a browser too.
 * @packageDocumentation
 */
// Before everything that loads sodium.
import '#wasm-guard'

export {
  type Clock,
  type EpochMs,
  type EventMap,
  type MonotonicMs,
  monotonicMs,
  systemClock,
  systemWallClock,
  TypedEmitter,
  type TypedEmitterConstructor,
  type WallClock
} from '@swarmway/runtime'

export type { AbortSignalLike } from './abort-signal.js'
export type { Connection, ConnectionEvents, RawStream } from './connection.js'
export type { OpenConnection } from './connections/table.js'
export type { DialFailure, DialStage } from './context.js'
export type * from './dht-node.js'
export type { ConnectCallOptions } from './dialing/waiters.js'
export type * from './discovery/finder.js'
export { PeerDiscovery } from './discovery/peer-discovery.js'
export { type Job, QueryScheduler } from './discovery/scheduler.js'
export { type DiscoveryMode, PeerDiscoverySession } from './discovery/session.js'
export { codeOf, invalidArgument, SwarmError, type SwarmErrorCode } from './errors.js'
export * from './groups/index.js'
export type { PayloadCodec } from './handshake/noise.js'
export { createKeyPair, type KeyPair, type PublicKeyHex } from './keys.js'
export type { CoreOptions, Firewall, RelayThrough } from './options.js'
export { PeerInfo, type PeerInfoEvents } from './peer-info.js'
export type { SwarmStats } from './stats.js'
export { SwarmCore } from './swarm.js'
export type {
  DestroyOptions,
  JoinOptions,
  LeaveOptions,
  PeerVerdict,
  SwarmEvents,
  SwarmNetwork
} from './swarm-types.js'
export { type TopicHex, topicFrom } from './topic.js'
