import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'

/**
 * Where a request comes from. X-Forwarded-For is believed from trusted neighbours only: anybody else can write into it
 * what they like. In a chain it is the first address, from the right, that is no trusted neighbour's.
 */
export function remoteAddress(trusted: readonly string[]): (request: IncomingMessage) => string | undefined {
  if (trusted.length === 0) return (request) => request.socket.remoteAddress
  const isTrusted = proxyAddr.compile([...trusted])
  return (request) => proxyAddr(request, isTrusted)
}
