/** An HTTP request as it arrived: Node's `IncomingMessage` will do, and so will its URL and headers alone. */
export interface RawRequest {
  /** Path and query. */
  readonly url?: string | undefined
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** The HTTP request with which a client's link began. The client wrote it, and nothing in it is trustworthy. */
export interface ClientRequest {
  /** Path and query. */
  readonly url: string
  /** By lower-case name; repeated ones are joined with commas. */
  readonly headers: Readonly<Record<string, string>>
  /** The web origin of the page, such as 'https://app.example'; null for programs, which send none. */
  readonly origin: string | null
  /** By name, decoded; of several with one name the first. */
  readonly cookies: Readonly<Record<string, string>>
  /** The parameters of the query by name, decoded; of several with one name the first. */
  readonly query: Readonly<Record<string, string>>
}

/** What `authenticate` is shown of a request; null if there was none. */
export function toClientRequest(raw: RawRequest | null): ClientRequest | null {
  if (raw === null) return null
  const { url = '/' } = raw
  const headers = firstOfEach(headerPairs(raw.headers))
  const { cookie = '', origin = null } = headers
  return { url, headers, origin, cookies: firstOfEach(cookiePairs(cookie)), query: firstOfEach(queryPairs(url)) }
}

type Pair = readonly [name: string, value: string]

function* headerPairs(headers: RawRequest['headers']): Iterable<Pair> {
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) yield [name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')]
}

function* cookiePairs(header: string): Iterable<Pair> {
  for (const part of header.split(';')) {
    const end = part.indexOf('=')
    if (end > 0) yield [part.slice(0, end).trim(), decoded(part.slice(end + 1).trim())]
  }
}

function queryPairs(url: string): Iterable<Pair> {
  const start = url.indexOf('?')
  return new URLSearchParams(start < 0 ? '' : url.slice(start))
}

/** A cookie's value, without the quotes that may surround it. */
function decoded(value: string): string {
  const bare = /^"(.*)"$/.exec(value)?.[1] ?? value
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}

/** Without a prototype: names such as `__proto__` are the client's to choose. */
function firstOfEach(pairs: Iterable<Pair>): Record<string, string> {
  const values: Record<string, string> = Object.create(null)
  for (const [name, value] of pairs) values[name] ??= value
  return values
}
