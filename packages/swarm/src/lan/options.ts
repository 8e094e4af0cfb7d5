/** Options for finding peers on the local network. */
export interface LanOptions {
  /**
   * Name or IPv4 address of the interface to use, or several. Default: the swarm's `host` if there is one, else every
   * interface with an IPv4 address, the loopback interface only if there is no other.
   */
  interface?: string | readonly string[] | undefined
  /** UDP port of the multicast group. Peers find each other only on the same port. Default: 5353, multicast DNS. */
  multicastPort?: number | undefined
  /** IPv4 multicast group. Peers find each other only in the same group. Default: 224.0.0.251, multicast DNS. */
  multicastAddress?: string | undefined
}

/** Multicast DNS, RFC 6762 section 3. */
export const MDNS = { port: 5353, address: '224.0.0.251' } as const

/** What the option `lan` accepts, for error messages. */
export const LAN_EXPECTED = 'a boolean, or an object with interface, multicastPort or multicastAddress'

/** Whether `value` is a valid value of the option `lan`. */
export function isLanChoice(value: unknown): boolean {
  if (typeof value === 'boolean') return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { interface: link, multicastPort: port, multicastAddress: group } = value as Record<string, unknown>
  const isLink = link === undefined || isName(link) || (Array.isArray(link) && link.length > 0 && link.every(isName))
  const isPort = port === undefined || (Number.isInteger(port) && Number(port) > 0 && Number(port) <= 65_535)
  return isLink && isPort && (group === undefined || isGroup(group))
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0
}

/** 224.0.0.0/4, as text. */
function isGroup(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const parts = value.split('.')
  const first = Number(parts[0])
  return parts.length === 4 && first >= 224 && first <= 239 && parts.every(isOctet)
}

function isOctet(part: string): boolean {
  return /^\d{1,3}$/.test(part) && Number(part) <= 255
}
