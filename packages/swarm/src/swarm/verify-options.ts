import { verifyLimits } from '../connections/limits.js'
import { isLanChoice, LAN_EXPECTED } from '../lan/options.js'
import { verifyBindHost, verifyBootstrap, verifyKnownNodes } from '../network/node-address.js'
import { check, isBoolean, isFunction, isPositiveCount, POSITIVE_COUNT_EXPECTED } from '../util/check.js'
import { isBytes } from '../util/keys.js'

/** Options of a node, not yet verified. */
interface GivenNodeOptions {
  readonly bootstrap?: unknown
  readonly nodes?: unknown
  readonly host?: unknown
}

/** Verifies the options for a node of the swarm's own, like {@link verifyCore}. */
export function verifyNodeOptions(options: GivenNodeOptions): void {
  check(options, 'dht', 'a HyperDHT instance or another DHT node', isNode)
  verifyBootstrap(options.bootstrap)
  verifyKnownNodes(options.nodes)
  check(options, 'port', 'an integer from 0 to 65535, or a range of two', isPortChoice)
  check(options, 'lan', LAN_EXPECTED, isLanChoice)
  verifyBindHost(options.host)
  for (const name of ['ownsDht', 'ephemeral', 'deferRandomPunch']) check(options, name, 'a boolean', isBoolean)
  check(options, 'randomPunchInterval', 'a finite number of milliseconds, 0 or more', isDuration)
}

const DURATIONS = [
  'firewallTimeoutMs',
  'dialTimeoutMs',
  'jitter',
  'handshakeClearWait',
  'suspendTimeoutMs',
  'destroyTimeoutMs'
]

/** Verifies the options of a swarm over any node. Throws a `TypeError` that names the first bad one. */
export function verifyCore(options: object): void {
  check(options, 'keyPair', 'an object with a publicKey of 32 and a secretKey of 64 bytes', isKeyPair)
  check(options, 'seed', 'a Uint8Array of 32 bytes', (value) => isBytes(value, 32))
  verifyLimits(options)
  for (const name of ['maxQueries', 'maxFoundPeers']) check(options, name, POSITIVE_COUNT_EXPECTED, isPositiveCount)
  for (const name of ['firewall', 'random']) check(options, name, 'a function', isFunction)
  for (const name of DURATIONS) check(options, name, 'a finite number of milliseconds, 0 or more', isDuration)
  verifyRelayThrough(options)
  check(options, 'backoffs', 'a non-empty array of milliseconds, each 0 or more', isBackoffs)
  check(options, 'topicProofs', 'a boolean', isBoolean)
  check(options, 'clock', 'an object with now, setTimeout and clearTimeout', isClock)
  check(options, 'wallClock', 'an object with now', (value) => hasMembers(value, 'now'))
}

/** Verifies the option `relayThrough`, which may also be changed later. Throws like {@link verifyCore}. */
export function verifyRelayThrough(options: { readonly relayThrough?: unknown }): void {
  check(options, 'relayThrough', 'a 32-byte public key, an array of them, a function or null', isRelayThrough)
}

const isDuration = (value: unknown) => Number.isFinite(value) && Number(value) >= 0
const isBackoffs = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isDuration)
const isPort = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535
const isPortChoice = (value: unknown) =>
  isPort(value) || (Array.isArray(value) && value.length === 2 && value.every(isPort))

function isKeyPair(value: unknown): boolean {
  return (
    hasMembers(value, 'publicKey', 'secretKey') && isBytes(value['publicKey'], 32) && isBytes(value['secretKey'], 64)
  )
}

function isClock(value: unknown): boolean {
  return hasMembers(value, 'now', 'setTimeout', 'clearTimeout')
}

function isNode(value: unknown): boolean {
  return hasMembers(value, 'connect', 'createServer', 'lookup', 'announce', 'on')
}

function isRelayThrough(value: unknown): boolean {
  if (value === null || typeof value === 'function' || isBytes(value, 32)) return true
  return Array.isArray(value) && value.length > 0 && value.every((key) => isBytes(key, 32))
}

function hasMembers(value: unknown, ...names: string[]): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && names.every((name) => name in value)
}
