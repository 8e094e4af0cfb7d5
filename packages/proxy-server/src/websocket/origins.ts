import type { IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'

/** Admits pages of every origin. */
const ANY_ORIGIN = '*'

/**
 * Whether a request with these headers may connect. Programs send no origin and may always connect. Pages may connect
 * if their origin is in `origins`. Without `origins` all may connect, unless the server listens only on this
 * machine's own addresses: such a server is meant for this machine, and any page opened in a browser here could use
 * it.
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

/** A pipe counts as public, because a reverse proxy is at its other end. */
function isLoopback(address: AddressInfo | string | null): boolean {
  return typeof address === 'object' && address !== null && isLoopbackHost(address.address.replace(/^::ffff:/i, ''))
}

/**
 * Whether the origin is this machine, or the very IP address of the request, as from an emulator or through a
 * forwarded port: an address, unlike a name, cannot be spoofed.
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
