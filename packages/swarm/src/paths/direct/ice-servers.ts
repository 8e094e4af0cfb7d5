/** What each of `iceServers` is. */
export const ICE_SERVER =
  "an object with urls, one or several such as 'stun:host:3478', and for 'turn:' username and credential"

/** Scheme, host, port, and which transport to use, which only TURN has. */
const URL_PARTS = /^(?:stun|(turn))s?:(?:\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?(\?transport=(?:udp|tcp))?$/i
const MAX_PORT = 65_535

/** Whether an `RTCPeerConnection` would take it. That would throw at each attempt, long after the call that is at fault. */
export function isIceServer(server: unknown): boolean {
  if (typeof server !== 'object' || server === null) return false
  const { urls, username, credential } = server as Record<string, unknown>
  const hasLogin = typeof username === 'string' && typeof credential === 'string'
  const all: unknown[] = Array.isArray(urls) ? urls : [urls]
  return all.length > 0 && all.every((url) => typeof url === 'string' && isIceUrl(url, hasLogin))
}

function isIceUrl(url: string, hasLogin: boolean): boolean {
  const [isUrl, turn, port, transport] = URL_PARTS.exec(url) ?? []
  if (isUrl === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > MAX_PORT) return false
  return turn === undefined ? transport === undefined : hasLogin
}
