/** The highest UDP port. */
const MAX_PORT = 65_535

/**
 * The URL of the STUN server at this port of the host of `serverName`; null if either is unusable. A proxy server names
 * nothing but a port, so that it cannot send clients' packets to others.
 */
export function stunUrl(serverName: string, port: number): string | null {
  const [, host] = /^(\[[0-9a-f:.]+\]|[^:/?#@\s]+)(?::\d+)?$/i.exec(serverName) ?? []
  return host === undefined || port < 1 || port > MAX_PORT ? null : `stun:${host}:${port}`
}
