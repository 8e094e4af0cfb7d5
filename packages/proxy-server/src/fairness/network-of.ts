import { isIPv6 } from 'node:net'

/** Networks into which a /48 is divided: each has 65,536 of /64. */
const NETWORKS_PER_SITE = 16
const GROUPS = 8
/** The groups of an IPv4 address that is written as an IPv6 address. */
const MAPPED = ['0', '0', '0', '0', '0', 'ffff']

/**
 * The part of an address that belongs to one host, and so the unit of what strangers share: an IPv4 address, or the first
 * half of an IPv6 address (/64). The /64 of a /48 share 16 networks, because many sites get a /48, and could pretend to be
 * any number of strangers. A port, as some reverse proxies add it, does not count.
 */
export function networkOf(address = ''): string {
  const host = withoutPort(address)
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host) ?? []
  if (mapped !== undefined || !isIPv6(host)) return mapped ?? host
  const groups = groupsOf(host)
  if (MAPPED.every((group, i) => groups[i] === group)) return groups.slice(MAPPED.length).map(toOctets).join('.')
  const subnet = Number.parseInt(groups[3] ?? '0', 16) % NETWORKS_PER_SITE
  return [...groups.slice(0, 3), subnet.toString(16)].join(':')
}

function withoutPort(address: string): string {
  const [, ipv4, ipv6] = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([^\]]*)\])(?::\d+)?$/.exec(address) ?? []
  return ipv4 ?? ipv6 ?? address
}

/** All groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - first.length - last.length)
  const all = [...first, ...Array<string>(zeros).fill('0'), ...last]
  return all.map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
}

function toOctets(group: string): string {
  const value = Number.parseInt(group, 16)
  return `${value >> 8}.${value & 0xff}`
}
