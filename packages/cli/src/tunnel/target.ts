import { usageError } from '../shared/errors/cli-error.js'

/** Where a TCP service is. */
export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** What the codes of a socket mean to somebody who runs a service. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it',
  EACCES: 'this user may not open it',
  ECONNREFUSED: 'no program listens there',
  ENOTFOUND: 'there is no such host',
  ETIMEDOUT: 'it does not answer'
}

/** What went wrong with a port, as the rest of a sentence. */
export function portProblem(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? message
}

/** Reads "8080", "host:8080" or "[::1]:8080". Throws a usage error. */
export function parseTarget(text: string): HostAndPort {
  const [, ipv6, name, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits !== undefined && port > 0 && port <= 65_535) return { host: ipv6 ?? name ?? '127.0.0.1', port }
  throw usageError(`"${text}" is not a port.`, 'Give the port of the service, such as 8080, or host:port.')
}

/** Reads a port to listen on; 0 is any free one. Throws a usage error. */
export function parseListenPort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw usageError(`"${text}" is not a port.`, 'Give a number from 1 to 65535, or leave it out for any free port.')
}
