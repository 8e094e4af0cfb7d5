import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'

/** The name that a client used for this server. X-Forwarded-Host is trusted only from trusted neighbours. */
export function serverHost(trusted: readonly string[]): (request: IncomingMessage) => string | undefined {
  if (trusted.length === 0) return ({ headers }) => headers.host
  const isTrusted = proxyAddr.compile([...trusted])
  return ({ headers, socket }) => {
    const forwarded = isTrusted(socket.remoteAddress ?? '', 0) ? headers['x-forwarded-host'] : undefined
    // A chain of proxies turns it into a list; the first item is what the client asked for.
    const [first = ''] = String(forwarded ?? '').split(',')
    return first.trim() || headers.host
  }
}

/**
 * The source address of a request. X-Forwarded-For is trusted only from trusted neighbours, as anybody else can forge
 * it. In a chain it is the first address from the right that is not a trusted neighbour's.
 */
export function remoteAddress(trusted: readonly string[]): (request: IncomingMessage) => string | undefined {
  if (trusted.length === 0) return (request) => request.socket.remoteAddress
  const isTrusted = proxyAddr.compile([...trusted])
  return (request) => proxyAddr(request, isTrusted)
}
