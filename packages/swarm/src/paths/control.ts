/**
 * What the two ends of a connection with several paths tell each other besides its bytes: JSON, sealed (seal.ts), so that nobody
 * on a path can read or change it. Each message is an object with a `type` and the members that FIELDS says.
 */
import b4a from 'b4a'
import { pathViolation } from './errors.js'

/** A message about the paths. Offsets count bytes of the connection, in the direction of who sends them. */
export type Control =
  /** The data that follow on this path begin at `offset`. `order` counts these messages on all paths. */
  | { readonly type: 'start'; readonly order: number; readonly offset: number }
  /** All data up to `received` are here; data up to `limit` may be sent. */
  | { readonly type: 'ack'; readonly received: number; readonly limit: number }
  /** No data follow after `total` bytes. */
  | { readonly type: 'end'; readonly total: number }
  /** Asks for a `pong`. */
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  /** The sender has given up the path of this number. */
  | { readonly type: 'lost'; readonly pathId: number }
  /** The sender has closed the connection, and drops what it has not read. */
  | { readonly type: 'close' }
  /** Something that a later version may add. Never sent. */
  | { readonly type: 'unknown' }
  | Signal

/**
 * For the code that opens direct paths. The side with the greater key asks, with the id of its host. Of the two hosts, the one
 * with the greater id leads; without ids, or with equal ones, the one that is asked. If the other one leads, the answer is `ready`.
 * The leader offers a peer connection, or asks to join one that the hosts have. The side that joins opens the channel.
 */
export interface Signal {
  readonly type: // Asks for a path. Text: the id of the sender's host.
    | 'ask'
    // Answers `ask`: the sender of that shall lead. Text: the id of the sender's host.
    | 'ready'
    // Texts: descriptions of a new peer connection.
    | 'offer'
    | 'answer'
    // Text: an address for it.
    | 'candidate'
    // Text: what only the two ends of a peer connection can say in this connection; see `bindingOf` in seal.ts.
    | 'join'
    // Answers `ask`, `offer` or `join`: not now, or not this one.
    | 'refusal'
    // The sender can be dialled again.
    | 'reachable'
  /** The number of the attempt, and of its path; 0 with `reachable`. */
  readonly attempt: number
  /** The candidate's media section; 0 in the others. */
  readonly index: number
  readonly text: string
}

/** The longest control message, without its seal. A description of a session is below 2 kB; see direct/limits.ts. */
export const MAX_CONTROL_BYTES = 9 * 1024

const SIGNAL = ['attempt', 'index', 'text']
/** What each type has besides it: a text, and numbers. */
const FIELDS: Readonly<Record<Exclude<Control['type'], 'unknown'>, readonly string[]>> = {
  start: ['order', 'offset'],
  ack: ['received', 'limit'],
  end: ['total'],
  ping: [],
  pong: [],
  lost: ['pathId'],
  close: [],
  ask: SIGNAL,
  ready: SIGNAL,
  offer: SIGNAL,
  answer: SIGNAL,
  candidate: SIGNAL,
  join: SIGNAL,
  refusal: SIGNAL,
  reachable: SIGNAL
}

/** The bytes of a message. */
export function encodeControl(control: Control): Uint8Array {
  return b4a.from(JSON.stringify(control))
}

/** Throws PATH_VIOLATION on what is not a message, or lacks something. */
export function decodeControl(bytes: Uint8Array): Control {
  try {
    const control: Record<string, unknown> = JSON.parse(b4a.toString(bytes))
    const { type } = control as { type: keyof typeof FIELDS }
    if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return { type: 'unknown' }
    const names = FIELDS[type]
    // Nothing else that the peer has put in.
    if (names.every((name) => isField(name, control[name])))
      return Object.fromEntries([['type', type], ...names.map((name) => [name, control[name]])]) as Control
  } catch {
    // Not JSON, or null.
  }
  throw pathViolation('a malformed control message')
}

/** Numbers are whole, from 0 on. */
function isField(name: string, value: unknown): boolean {
  return name === 'text' ? typeof value === 'string' : Number.isSafeInteger(value) && Number(value) >= 0
}
