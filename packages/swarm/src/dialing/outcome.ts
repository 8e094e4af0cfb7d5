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

/** What the end of a dial says about the path: an answer came back, none came in time, or neither is known. */
export type Verdict = 'answered' | 'timed-out' | 'unknown'

const ANSWERED = new Set([OPENED, 'DUPLICATE', 'KEY_IN_USE', 'REMOTE_FULL', 'NOT_A_MEMBER'])
const TIMED_OUT = new Set([
  'DIAL_TIMEOUT',
  'ETIMEDOUT',
  'HOLEPUNCH_PROBE_TIMEOUT',
  'PEER_CONNECTION_FAILED',
  'UNCONFIRMED'
])

/** What a dial that ended with `code` says about the path to its peer. */
export function verdictOf(code: string): Verdict {
  if (ANSWERED.has(code)) return 'answered'
  return TIMED_OUT.has(code) ? 'timed-out' : 'unknown'
}

/** Whether a dial that ended with `code` met nobody. */
export function isAbsence(code: string): boolean {
  return code === 'PEER_NOT_FOUND' || verdictOf(code) === 'timed-out'
}

/** Which of the waits apply to a peer whose dial has failed; see `nextDialMs`. */
export interface RedialSteps {
  /** The first wait, if it is not the one that the record of the peer gives. */
  readonly least: number
  /** The last wait that it grows to. */
  readonly most: number
  /** Whether the peer is known to be there, so that its waits begin as those of a peer that was connected. */
  readonly isThere: boolean
}

/** The waits follow from the record of the peer alone. */
export const USUAL_STEPS: RedialSteps = { least: 0, most: Number.POSITIVE_INFINITY, isThere: false }
const STEPS: Readonly<Record<string, RedialSteps>> = {
  // It answered a moment ago, and its own dial may be in the way of ours: soon, but not at the same pace for ever.
  UNCONFIRMED: { least: 0, most: 2, isThere: true },
  // It is there, and takes no more connections until one of them ends. It knows us, and then dials us if it dials at all.
  REMOTE_FULL: { ...USUAL_STEPS, least: 4 },
  // It is gone, or has just announced itself and is not known everywhere yet.
  PEER_NOT_FOUND: { ...USUAL_STEPS, least: 1 }
}

/** How long to wait before the next dial after one that ended with `code`. */
export function redialSteps(code: string): RedialSteps {
  return STEPS[code] ?? USUAL_STEPS
}
