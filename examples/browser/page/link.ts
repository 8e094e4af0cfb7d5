/** The state of the link to the proxy server. */
export type LinkState =
  | { readonly status: 'connecting' }
  | { readonly status: 'connected' }
  /** The next attempt is automatic. `retryAtMs` is a time of `performance.now`. */
  | { readonly status: 'waiting'; readonly retryAtMs: number; readonly hasBeenUp: boolean }
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

/** Describes the link in one line. */
export function describeLink(link: LinkState, nowMs: number): string {
  if (link.status === 'connected') return 'Connected'
  if (link.status === 'connecting') return 'Connecting…'
  if (link.status === 'refused') return REFUSALS[link.code] ?? `The proxy server refused the connection: ${link.code}.`
  const seconds = Math.ceil((link.retryAtMs - nowMs) / 1000)
  const what = link.hasBeenUp ? 'Connection lost' : 'The proxy server does not answer'
  return seconds > 0 ? `${what}. Next try in ${seconds} s` : `${what}. Trying…`
}
