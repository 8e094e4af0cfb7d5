/** What the address of the page says: the room, and the proxy servers if they are not where the page came from. */
export interface Address {
  readonly name: string
  /** WebSocket URLs. */
  readonly proxies: readonly string[]
}

/** Reads `#name` or `#name?proxy=wss://...&proxy=wss://...`. Null without a name. */
export function readHash(hash: string): Address | null {
  const [encodedName = '', query = ''] = split(hash.replace(/^#/, ''))
  const name = decode(encodedName).trim()
  return name === '' ? null : { name, proxies: new URLSearchParams(query).getAll('proxy') }
}

/** The opposite of `readHash`. Proxies that are the default need not be given. */
export function writeHash({ name, proxies }: Address): string {
  const query = new URLSearchParams(proxies.map((proxy) => ['proxy', proxy]))
  return `#${encodeURIComponent(name)}${proxies.length > 0 ? `?${query}` : ''}`
}

/** The proxy server at the place where the page came from. */
export function defaultProxy({ protocol, host }: Pick<Location, 'protocol' | 'host'>): string {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/swarm`
}

/** The URLs in a text, separated by spaces or commas. */
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
