import { isIPv6 } from 'node:net'

const GROUPS = 8
/** A /64, as `networkOf` writes it. */
const SUBNET = /^[\da-f]{1,4}(:[\da-f]{1,4}){3}$/
/** The network of ::1. */
const IPV6_LOOPBACK = '0:0:0:0'
/** The groups before an IPv4 address that is written as an IPv6 address (RFC 4291). */
const MAPPED = '0:0:0:0:0:ffff'
/** Those before the IPv4 address of a client that a translator has connected (RFC 6052). */
const TRANSLATED = '64:ff9b:0:0:0:0'

/**
 * The part of an address that belongs to one host, and so the unit of what strangers share: an IPv4 address, or the first
 * half of an IPv6 address (/64). A port, as some reverse proxies add it, does not count. `siteOf` says whose it is.
 */
export function networkOf(address = ''): string {
  const host = withoutPort(address)
  if (!isIPv6(host)) return host
  const groups = groupsOf(host)
  const prefix = groups.slice(0, -2).join(':')
  const ipv4 = groups.slice(-2).map(toOctets).join('.')
  if (prefix === MAPPED) return ipv4
  // Not the address alone: a translator's word must not pass for this machine.
  if (prefix === TRANSLATED) return `64:ff9b::${ipv4}`
  return groups.slice(0, GROUPS / 2).join(':')
}

/**
 * Where a network (see `networkOf`) belongs: an IPv6 /64 to its /48, of which many sites have one, so that they could pretend to
 * be 65,536 strangers. An IPv4 address is a site. Of whatever strangers share, a site has one share, and its networks share
 * that.
 */
export function siteOf(network: string): string {
  return network !== IPV6_LOOPBACK && SUBNET.test(network) ? network.slice(0, network.lastIndexOf(':')) : network
}

/** Whether it is this machine: a reverse proxy on it, whose clients cannot be told apart, looks like one network. */
export function isLoopback(network: string): boolean {
  return network === IPV6_LOOPBACK || /^127(\.\d{1,3}){3}$/.test(network)
}

function withoutPort(address: string): string {
  const [, ipv4, ipv6] = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([^\]]*)\])(?::\d+)?$/.exec(address) ?? []
  return ipv4 ?? ipv6 ?? address
}

/** All groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [withoutZone = ''] = address.split('%')
  const [head = '', tail] = withoutZone.replace(/[\d.]+\.[\d.]+$/, toGroups).split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - first.length - last.length)
  const all = [...first, ...Array<string>(zeros).fill('0'), ...last]
  return all.map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
}

/** Rewrites an IPv4 address as the last two groups of an IPv6 address. */
function toGroups(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  return [256 * a + b, 256 * c + d].map((group) => group.toString(16)).join(':')
}

function toOctets(group: string): string {
  const value = Number.parseInt(group, 16)
  return `${value >> 8}.${value & 0xff}`
}
