import type { NatsOptions } from './nats-broker.js'

const SCHEMES: ReadonlySet<string> = new Set(['nats:', 'tls:'])
const DEFAULT_PORT = '4222'

/** What the client library wants apart from the address, from URLs. @throws TypeError that names the bad URL */
export function readServers(given: string | readonly string[]): NatsOptions {
  const urls = (typeof given === 'string' ? given.split(',') : [...given]).map((text) => text.trim())
  if (urls.length === 0) throw new TypeError('servers must name a NATS server, such as nats://127.0.0.1:4222')
  const parsed = urls.map(parse)
  const servers = parsed.map(({ hostname, port }) => `${hostname}:${port === '' ? DEFAULT_PORT : port}`)
  const tls = parsed.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {}
  const [first] = parsed.filter(({ username }) => username !== '')
  return { servers, ...tls, ...(first !== undefined && credentials(first)) }
}

function parse(text: string): URL {
  const url = URL.canParse(text.includes('://') ? text : `nats://${text}`)
    ? new URL(text.includes('://') ? text : `nats://${text}`)
    : null
  if (url !== null && SCHEMES.has(url.protocol) && url.hostname !== '') return url
  // It may hold a password, so it is not shown.
  throw new TypeError('servers must be URLs of NATS servers, such as nats://host:4222 or tls://host')
}

/** A name alone is a token. */
function credentials({ password, username }: URL): NatsOptions {
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)]
  return pass === '' ? { token: user } : { user, pass }
}
