import { invalidArgument } from '../errors.js'
import type { SwarmOptions } from '../swarm/options.js'
import type { LegacyPeer } from './peer.js'
import { warnOnce } from './warn.js'

/** How hyperswarm 2 retries and forgets peers. */
export interface QueueOptions {
  /**
   * Milliseconds before each redial.
   * @deprecated Use `backoffs`.
   */
  requeue?: readonly number[] | undefined
  /** @deprecated See its members. */
  forget?:
    | {
        /** @deprecated Has no effect: a peer that is given up is forgotten at once, and new when found again. */
        unresponsive?: number | undefined
        /** @deprecated Use `info.ban(true, { ttlMs })`. Default: Infinity. */
        banned?: number | undefined
      }
    | undefined
  /** @deprecated There is one connection to a peer for all topics; false has no effect. */
  multiplex?: boolean | undefined
}

/** Options of hyperswarm 2 and dwebswarm, in addition to the current ones. */
export interface Hyperswarm2Options extends SwarmOptions {
  /**
   * Most connections that we accept; 0 means Infinity and -1 means none.
   * @deprecated Use `maxServerConnections`, where 0 is none.
   */
  maxServerSockets?: number | undefined
  /**
   * Most connections that we dial; 0 and -1 mean none.
   * @deprecated Use `maxClientConnections`.
   */
  maxClientSockets?: number | undefined
  /**
   * False leaves a peer found by a lookup alone.
   * @deprecated Use `firewall`, which also decides about incoming connections, by public key.
   */
  validatePeer?: ((peer: LegacyPeer) => boolean) | undefined
  /** @deprecated Use `backoffs`. */
  queue?: QueueOptions | undefined
  /** @deprecated Has no effect: a peer is identified by its public key; use `seed` or `keyPair`. */
  id?: Uint8Array | undefined
  /** @deprecated Has no effect; use `port`. */
  announcePort?: number | undefined
  /** @deprecated Has no effect; use `port`. */
  preferredPort?: number | undefined
  /** @deprecated Has no effect: peers behind the same public address learn each other's local address. */
  announceLocalAddress?: boolean | undefined
}

const DEFAULT_MAX_PEERS = 24
const DEFAULT_REQUEUE = [1000, 5000, 15_000]
/** Milliseconds between later attempts, which hyperswarm 2 did not make. */
const CEILING_MS = 600_000

const WITHOUT_EFFECT = {
  id: ['SWARMWAY_COMPAT_ID', 'The option id has no effect: a peer is identified by its public key.'],
  announcePort: ['SWARMWAY_COMPAT_ANNOUNCE_PORT', 'The option announcePort has no effect: peers are announced by key.'],
  preferredPort: ['SWARMWAY_COMPAT_PREFERRED_PORT', 'The option preferredPort has no effect: use port.'],
  announceLocalAddress: [
    'SWARMWAY_COMPAT_LOCAL_ADDRESS',
    'The option announceLocalAddress has no effect: peers behind the same public address learn local addresses.'
  ]
} as const

/** The current options that these correspond to. Warns of those that can't mean what they meant. */
export function translate(options: Hyperswarm2Options): SwarmOptions {
  verify(options)
  const { announceLocalAddress, announcePort, ephemeral, id, preferredPort, queue, validatePeer, ...rest } = options
  const { maxClientSockets, maxServerSockets, ...today } = rest
  warnOfIneffective(options)
  return {
    maxPeers: DEFAULT_MAX_PEERS,
    ...(maxClientSockets !== undefined && { maxClientConnections: Math.max(0, maxClientSockets) }),
    ...(maxServerSockets !== undefined && { maxServerConnections: serverLimit(maxServerSockets) }),
    // Any value except true and false meant that the decision comes later.
    ...(typeof ephemeral === 'boolean' && { ephemeral }),
    ...(queue?.requeue !== undefined && { backoffs: backoffs(queue.requeue) }),
    ...today
  }
}

/** Milliseconds that a ban holds. */
export function banMsOf({ queue }: Hyperswarm2Options): number {
  return queue?.forget?.banned ?? Number.POSITIVE_INFINITY
}

/** As hyperswarm 2's server sockets count: 0 is unlimited, -1 is none. */
export function serverLimit(maxServerSockets: number): number {
  return maxServerSockets === 0 ? Number.POSITIVE_INFINITY : Math.max(0, maxServerSockets)
}

/** Throws a `TypeError` unless it is a socket count in hyperswarm 2's sense. */
export function assertSockets(name: string, value: unknown): asserts value is number {
  const isCount = value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && Number(value) >= -1)
  if (!isCount) throw invalidArgument(name, 'a whole number, -1 or more, or Infinity', value)
}

function backoffs(requeue: readonly number[]): number[] {
  const first = DEFAULT_REQUEUE.map((defaultMs, i) => requeue[i] ?? defaultMs)
  return [...first, ...(requeue.length > first.length ? requeue.slice(first.length) : [CEILING_MS])]
}

function verify(options: Hyperswarm2Options): void {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options)
  const { maxClientSockets, maxServerSockets, queue = {}, validatePeer } = options
  if (maxClientSockets !== undefined) assertSockets('maxClientSockets', maxClientSockets)
  if (maxServerSockets !== undefined) assertSockets('maxServerSockets', maxServerSockets)
  if (validatePeer !== undefined && typeof validatePeer !== 'function')
    throw invalidArgument('validatePeer', 'a function', validatePeer)
  if (typeof queue !== 'object' || queue === null) throw invalidArgument('queue', 'an object', queue)
  verifyQueue(queue)
}

function verifyQueue({ forget = {}, requeue = [] }: QueueOptions): void {
  if (!Array.isArray(requeue) || !requeue.every(isDuration))
    throw invalidArgument('queue.requeue', 'an array of milliseconds', requeue)
  if (typeof forget !== 'object' || forget === null) throw invalidArgument('queue.forget', 'an object', forget)
  const { banned = Number.POSITIVE_INFINITY } = forget
  if (typeof banned !== 'number' || !(banned > 0))
    throw invalidArgument('queue.forget.banned', 'a number of milliseconds above 0', banned)
}

function warnOfIneffective(options: Hyperswarm2Options): void {
  for (const [name, [code, message]] of Object.entries(WITHOUT_EFFECT)) {
    if (options[name as keyof typeof WITHOUT_EFFECT] !== undefined) warnOnce(code, message)
  }
  const { forget, multiplex } = options.queue ?? {}
  if (multiplex === false)
    warnOnce('SWARMWAY_COMPAT_MULTIPLEX', 'The option queue.multiplex is always true: one connection for all topics.')
  if (forget?.unresponsive !== undefined)
    warnOnce(
      'SWARMWAY_COMPAT_UNRESPONSIVE',
      'The option queue.forget.unresponsive has no effect: a peer is redialled at growing intervals and forgotten ' +
        'as soon as it is given up.'
    )
}

function isDuration(value: unknown): boolean {
  return Number.isFinite(value) && Number(value) >= 0
}
