import type { DialStage } from './failure.js'

/** The outcome code of a dial that became a connection. */
export const OPENED = 'OPENED'

const STAGES: Record<string, DialStage> = {
  FIREWALLED: 'firewall',
  PEER_NOT_FOUND: 'find',
  PEER_CONNECTION_FAILED: 'handshake',
  HANDSHAKE_INVALID: 'handshake',
  HANDSHAKE_MALFORMED: 'handshake',
  HANDSHAKE_UNFINISHED: 'handshake',
  BAD_HANDSHAKE_REPLY: 'handshake',
  SERVER_ERROR: 'handshake',
  SERVER_INCOMPATIBLE: 'handshake',
  REMOTE_FULL: 'refused',
  NOT_A_MEMBER: 'refused',
  DUPLICATE: 'refused',
  KEY_IN_USE: 'refused',
  CANNOT_HOLEPUNCH: 'holepunch',
  HOLEPUNCH_ABORTED: 'holepunch',
  HOLEPUNCH_INVALID: 'holepunch',
  HOLEPUNCH_PROBE_TIMEOUT: 'holepunch',
  HOLEPUNCH_DOUBLE_RANDOMIZED_NATS: 'holepunch',
  REMOTE_ABORTED: 'holepunch',
  REMOTE_NOT_HOLEPUNCHABLE: 'holepunch',
  REMOTE_NOT_HOLEPUNCHING: 'holepunch',
  RELAY_ABORTED: 'relay',
  UNCONFIRMED: 'connect',
  DIAL_TIMEOUT: 'timeout'
}

const NEEDS_RELAY = new Set([
  'HOLEPUNCH_ABORTED',
  'HOLEPUNCH_DOUBLE_RANDOMIZED_NATS',
  'CANNOT_HOLEPUNCH',
  'REMOTE_NOT_HOLEPUNCHABLE'
])

/** How far a dial that ended with `code` got. */
export function stageOf(code: string): DialStage {
  return STAGES[code] ?? 'connect'
}

/** Whether a dial that ended with `code` may work through a relay. */
export function needsRelay(code: string): boolean {
  return NEEDS_RELAY.has(code)
}

/** Whether a dial that ended with `code` says nothing against the peer, so that no failure is reported or counted. */
export function isHarmless(code: string): boolean {
  return code === 'DUPLICATE' || code === 'CANCELLED'
}

/** Whether a peer is redialled only after it is found again, because time alone does not change the decision. */
export function waitsForDiscovery(code: string): boolean {
  return code === 'FIREWALLED' || code === 'NOT_A_MEMBER'
}
