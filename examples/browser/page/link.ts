/** The state of the link to the proxy server. */
export type LinkState =
  | { readonly status: 'connecting' }
  | { readonly status: 'connected' }
  /**
   * The next attempt is automatic. `retryAtMs` is a time of `performance.now`. `isOther`: there is a server, but it does
   * not take us as a proxy server would.
   */
  | { readonly status: 'waiting'; readonly retryAtMs: number; readonly hasBeenUp: boolean; readonly isOther?: boolean }
  /** No automatic retry. */
  | { readonly status: 'refused'; readonly code: string }

/** The state after the event `disconnected`. */
export function afterDisconnect(code: string, retryMs: number | null, nowMs: number, hasBeenUp: boolean): LinkState {
  if (retryMs === null) return { status: 'refused', code }
  return { status: 'waiting', retryAtMs: nowMs + retryMs, hasBeenUp }
}

const REFUSALS: Record<string, string> = {
  AUTH_DENIED: 'The proxy server denied access.',
  VERSION_MISMATCH: 'The proxy server speaks another version. Reload the page.',
  NOT_A_PROXY: 'There is no proxy server at this address.'
}

/** Describes the link for those who hear it: without the seconds, which would be out of date once they are read. */
export function speakLink(link: LinkState): string {
  return link.status === 'waiting' ? `${problemOf(link)}. Trying again automatically.` : describeLink(link, 0)
}

/** Describes the link in one line. */
export function describeLink(link: LinkState, nowMs: number): string {
  if (link.status === 'connected') return 'Connected'
  if (link.status === 'connecting') return 'Connecting…'
  if (link.status === 'refused') return REFUSALS[link.code] ?? `The proxy server refused the connection: ${link.code}.`
  const seconds = Math.ceil((link.retryAtMs - nowMs) / 1000)
  return seconds > 0 ? `${problemOf(link)}. Next try in ${seconds} s` : `${problemOf(link)}. Trying…`
}

function problemOf({ hasBeenUp, isOther }: LinkState & { status: 'waiting' }): string {
  if (isOther) return 'There is a server at this address, but no proxy server answers'
  return hasBeenUp ? 'Connection lost' : 'The proxy server does not answer'
}

/**
 * Whether any web server answers at the address of a WebSocket. Browsers do not tell pages why a WebSocket failed, but a
 * server that is not there fails a plain request as well.
 */
export async function answersHttp(url: string, request: typeof fetch = fetch): Promise<boolean> {
  try {
    await request(url.replace(/^ws/, 'http'), { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(3000) })
    return true
  } catch {
    return false
  }
}
