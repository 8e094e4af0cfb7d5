/** What the page's address holds: the room, and the proxy servers unless the page's own server is the proxy. */
export interface Address {
  readonly name: string
  /** WebSocket URLs. */
  readonly proxies: readonly string[]
}

/** Parses `#name` or `#name?proxy=wss://...&proxy=wss://...`. Returns null if there is no name. */
export function readHash(hash: string): Address | null {
  const [encodedName = '', query = ''] = split(hash.replace(/^#/, ''))
  const name = decode(encodedName).trim()
  return name === '' ? null : { name, proxies: new URLSearchParams(query).getAll('proxy') }
}

/** The inverse of `readHash`. Leave out proxies that are the default. */
export function writeHash({ name, proxies }: Address): string {
  const query = new URLSearchParams(proxies.map((proxy) => ['proxy', proxy]))
  return `#${encodeURIComponent(name)}${proxies.length > 0 ? `?${query}` : ''}`
}

/** Whether connections may move to direct paths: unless the page's address has `?direct=off`. */
export function allowsDirect(search: string): boolean {
  return new URLSearchParams(search).get('direct') !== 'off'
}

/** URL of the proxy server on the page's own server. */
export function defaultProxy({ protocol, host }: Pick<Location, 'protocol' | 'host'>): string {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/swarm`
}

/** The URLs in a text that separates them by spaces or commas. */
export function splitUrls(text: string): string[] {
  return text.split(/[\s,]+/).filter((url) => url !== '')
}

function split(text: string): [string, string] {
  const mark = text.indexOf('?')
  return mark === -1 ? [text, ''] : [text.slice(0, mark), text.slice(mark + 1)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
