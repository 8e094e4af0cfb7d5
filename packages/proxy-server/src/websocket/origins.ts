import type { AddressInfo } from 'node:net'

/** Lets pages of every origin in. */
export const ANY_ORIGIN = '*'

/**
 * Whether pages of this origin may connect. Programs send none, and may. `origins` are those that are given; without
 * them all may, unless the server listens on this machine's own addresses only: then it is meant for this machine, and
 * any page that somebody here looks at could use it.
 */
export function mayConnect(
  origin: string | undefined,
  origins: readonly string[] | undefined,
  address: AddressInfo | string | null
): boolean {
  if (origin === undefined) return true
  if (origins !== undefined) return origins.includes(ANY_ORIGIN) || origins.includes(origin)
  return !isLoopback(address) || isLocalOrigin(origin)
}

/** A pipe is taken for public: a reverse proxy is at its other end. */
function isLoopback(address: AddressInfo | string | null): boolean {
  return typeof address === 'object' && address !== null && isLoopbackHost(address.address.replace(/^::ffff:/i, ''))
}

function isLocalOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const { hostname, protocol } = new URL(origin)
  return /^https?:$/.test(protocol) && isLoopbackHost(hostname.replace(/^\[(.*)\]$/, '$1'))
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
