import type { FleetOptions } from './options.js'

/**
 * Where other servers open their links to this one, host:port; '' while no port is open. `localHost` is this machine's address
 * as the broker sees it.
 */
export function linkAddressOf(
  { linkAddress, linkHost }: Pick<FleetOptions, 'linkAddress' | 'linkHost'>,
  port: number | null,
  localHost: string | null
): string {
  if (port === null) return ''
  const host = linkAddress ?? localHost ?? (isWildcard(linkHost) ? '127.0.0.1' : linkHost)
  return hasPort(host) ? host : `${bracketed(host)}:${port}`
}

/** An IPv6 address has colons, too, unless it is in brackets. */
function hasPort(host: string): boolean {
  return /:\d+$/.test(host) && !/:.*:/.test(host.replace(/^\[.*\]/, ''))
}

function isWildcard(host: string | undefined): host is undefined {
  return host === undefined || host === '0.0.0.0' || host === '::'
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
