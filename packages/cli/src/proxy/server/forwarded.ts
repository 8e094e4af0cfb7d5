import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'

/** The name by which a client asked for this server. X-Forwarded-Host is believed from trusted neighbours only. */
export function serverHost(trusted: readonly string[]): (request: IncomingMessage) => string | undefined {
  if (trusted.length === 0) return ({ headers }) => headers.host
  const isTrusted = proxyAddr.compile([...trusted])
  return ({ headers, socket }) => {
    const forwarded = isTrusted(socket.remoteAddress ?? '', 0) ? headers['x-forwarded-host'] : undefined
    // A chain of proxies makes a list of it, of which the first is what the client asked for.
    const [first = ''] = String(forwarded ?? '').split(',')
    return first.trim() || headers.host
  }
}

/**
 * Where a request comes from. X-Forwarded-For is believed from trusted neighbours only: anybody else can write into it
 * what they like. In a chain it is the first address, from the right, that is no trusted neighbour's.
 */
export function remoteAddress(trusted: readonly string[]): (request: IncomingMessage) => string | undefined {
  if (trusted.length === 0) return (request) => request.socket.remoteAddress
  const isTrusted = proxyAddr.compile([...trusted])
  return (request) => proxyAddr(request, isTrusted)
}
