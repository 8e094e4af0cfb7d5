import { invalidArgument } from '../errors.js'
import type { Address } from './dht-node.js'

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
/** As far as it takes to tell one from a name. */
const LIKE_IPV6 = /^[\da-f]*:[\da-f:.]*:[\da-f.]*(?:%[\w.:-]+)?$/i
const DIGITS_AND_DOTS = /^[\d.]+$/
/** A host name, as loosely as resolvers accept them. */
const HOST_NAME = /^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*[\p{L}\p{N}_.])?$/u
const PORT = /^\d{1,5}$/
const EXPECTED =
  'an IPv4 address or a host name, and a port from 1 to 65535, as "host:port", "suggested-ip@host:port" or { host, port }'

/** Whether packets can be sent to an address: an IPv4 address, and a port other than 0. */
export function isSendable(address: unknown): address is Address {
  return isAddressLike(address) && typeof address.host === 'string' && IPV4.test(address.host) && isPort(address.port)
}

/** Whether HyperDHT can use a bootstrap node. It takes no IPv6 addresses. */
export function isBootstrapNode(node: unknown): node is string | Address {
  if (typeof node !== 'string') return isAddressLike(node) && isHost(node.host) && isPort(node.port)
  const [host, port = '', ...rest] = node.split(':')
  return rest.length === 0 && isHost(host) && PORT.test(port) && isPort(Number(port))
}

/**
 * Verifies the option `bootstrap`. HyperDHT does not check it and ends the process later.
 * @throws TypeError that names the offending entry
 */
export function verifyBootstrap(nodes: unknown): void {
  verifyEach('bootstrap', nodes, EXPECTED, isBootstrapNode)
}

/** Verifies the option `nodes`, which HyperDHT does not resolve. @throws TypeError that names the offending entry */
export function verifyKnownNodes(nodes: unknown): void {
  verifyEach('nodes', nodes, 'an object { host, port } of an IPv4 address and a port from 1 to 65535', isSendable)
}

/**
 * Verifies the option `host`, the address to bind. HyperDHT would refuse another one, but only after it has opened what
 * keeps the process running.
 * @throws TypeError
 */
export function verifyBindHost(host: unknown): void {
  if (host === undefined || (typeof host === 'string' && (IPV4.test(host) || LIKE_IPV6.test(host)))) return
  throw invalidArgument('host', 'an IP address of this machine', host)
}

function verifyEach(name: string, nodes: unknown, expected: string, accepts: (node: unknown) => boolean): void {
  if (nodes === undefined) return
  if (!Array.isArray(nodes)) throw invalidArgument(name, `an array, each entry ${expected}`, nodes)
  // `findIndex`, unlike `every`, does not skip the holes of an array.
  const index = nodes.findIndex((node) => !accepts(node))
  if (index >= 0) throw invalidArgument(`${name}[${index}]`, expected, shown(nodes[index]))
}

/** Shows `{ host, port }` as text. */
function shown(node: unknown): unknown {
  return isAddressLike(node) ? `${String(node.host)}:${String(node.port)}` : node
}

function isHost(host: unknown): boolean {
  if (typeof host !== 'string') return false
  const [first = '', second, ...rest] = host.split('@')
  if (second === undefined) return isName(first)
  return rest.length === 0 && IPV4.test(first) && isName(second)
}

/** Digits and dots that are not an address are a typo, never a name. */
function isName(host: string): boolean {
  return IPV4.test(host) || (!DIGITS_AND_DOTS.test(host) && HOST_NAME.test(host))
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && Number(port) > 0 && Number(port) <= 65_535
}

function isAddressLike(value: unknown): value is { host: unknown; port: unknown } {
  return typeof value === 'object' && value !== null && 'host' in value && 'port' in value
}
