/**
 * What the compatibility entries of other packages build on; not for applications.
 * @packageDocumentation
 */
export { assertCallback, type Callback, later, withCallback } from './callbacks.js'
export type { LegacyInfo, LegacyInfoMembers } from './info.js'
export {
  type LegacyEvents,
  type LegacyHost,
  type LegacySettings,
  type LegacyStatus,
  LegacySwarm,
  type OnConnect,
  type OnJoin
} from './legacy-swarm.js'
export type { LegacyJoinOptions } from './modes.js'
export type { LegacyPeer } from './peer.js'
export { warnOnce } from './warn.js'
