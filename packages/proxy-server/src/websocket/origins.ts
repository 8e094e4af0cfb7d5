import type { IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'

/** Lets pages of every origin in. */
const ANY_ORIGIN = '*'

/**
 * Whether whoever sends these headers may connect. Programs send no origin, and may. `origins` are those that are given; without
 * them all may, unless the server listens on this machine's own addresses only: then it is meant for this machine, and
 * any page that somebody here looks at could use it.
 */
export function mayConnect(
  { host, origin }: IncomingHttpHeaders,
  origins: readonly string[] | undefined,
  address: AddressInfo | string | null
): boolean {
  if (origin === undefined) return true
  if (origins !== undefined) return origins.includes(ANY_ORIGIN) || origins.includes(origin)
  return !isLoopback(address) || isLocalOrigin(origin, host)
}

/** A pipe is taken for public: a reverse proxy is at its other end. */
function isLoopback(address: AddressInfo | string | null): boolean {
  return typeof address === 'object' && address !== null && isLoopbackHost(address.address.replace(/^::ffff:/i, ''))
}

/**
 * Of this machine, or of the very address that was asked for, as from an emulator or through a forwarded port: with an
 * address in place of a name nobody can pretend that.
 */
function isLocalOrigin(origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return /^https?:$/.test(url.protocol) && (isLoopbackHost(hostname) || (isIP(hostname) !== 0 && url.host === host))
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
