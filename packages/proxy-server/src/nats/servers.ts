import { isIP } from 'node:net'
import { badOption } from '@swarmway/runtime'

/** The port of NATS servers. */
export const DEFAULT_PORT = 4222

const SCHEMES: ReadonlySet<string> = new Set(['nats:', 'tls:'])

/** What URLs of servers say. */
export interface NatsAddresses {
  /** As `host:port`. */
  readonly servers: string[]
  /** Given if there is to be TLS. */
  readonly tls?: Record<string, never>
  readonly user?: string
  readonly pass?: string
  readonly token?: string
}

/** What the client library wants from URLs, or from `host` and `host:port`. @throws TypeError that names the bad URL */
export function readServers(given: string | readonly string[]): NatsAddresses {
  const urls = (typeof given === 'string' ? given.split(',') : [...given]).map((text) => text.trim())
  if (urls.length === 0) throw badOption('servers must name a NATS server, such as nats://127.0.0.1:4222')
  const parsed = urls.map(parse)
  const servers = parsed.map(({ hostname, port }) => `${hostname}:${port === '' ? DEFAULT_PORT : port}`)
  const tls = parsed.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {}
  const [first] = parsed.filter(({ username }) => username !== '')
  return { servers, ...tls, ...(first !== undefined && credentials(first)) }
}

/** The host and the port of `host:port`. An IPv6 address is in brackets there, but not in the result. */
export function addressOf(server: string): { host: string; port: number } {
  const end = server.lastIndexOf(':')
  return { host: server.slice(0, end).replace(/^\[|\]$/g, ''), port: Number(server.slice(end + 1)) }
}

/**
 * Those servers (`host:port`) of a cluster's list that can be tried: without malformed entries, and with TLS only those with
 * a name, because the certificate would have to name the address.
 */
export function usableServers(named: readonly string[], isTls: boolean): string[] {
  return named.filter((server) => isAddress(server) && !(isTls && isIP(addressOf(server).host) > 0))
}

function isAddress(server: string): boolean {
  return /^[^\s/@?#]+:\d+$/.test(server) && URL.canParse(`nats://${server}`)
}

function parse(text: string): URL {
  const url = URL.canParse(text.includes('://') ? text : `nats://${text}`)
    ? new URL(text.includes('://') ? text : `nats://${text}`)
    : null
  if (url !== null && SCHEMES.has(url.protocol) && url.hostname !== '') return url
  // It may hold a password, so it is not shown.
  throw badOption('servers must be URLs of NATS servers, such as nats://host:4222 or tls://host')
}

/** A name alone is a token. */
function credentials({ password, username }: URL): Omit<NatsAddresses, 'servers'> {
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)]
  return pass === '' ? { token: user } : { user, pass }
}
