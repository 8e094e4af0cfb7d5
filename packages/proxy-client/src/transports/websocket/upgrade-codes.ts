/** Codes for the statuses with which an upgrade is answered instead of a WebSocket. */
const CODES: Readonly<Record<number, string>> = {
  401: 'AUTH_DENIED',
  403: 'AUTH_DENIED',
  407: 'HTTP_PROXY_AUTH_REQUIRED',
  429: 'RATE_LIMIT',
  502: 'BAD_GATEWAY',
  503: 'SERVER_BUSY',
  504: 'BAD_GATEWAY'
}

/** Redirects are not followed: credentials and proofs are for the server that was named. */
export function upgradeCode(status: number): string {
  if (status >= 300 && status < 400) return 'REDIRECTED'
  if (status >= 200 && status < 300) return 'NOT_A_PROXY'
  return CODES[status] ?? 'UPGRADE_REFUSED'
}
