import { toServerName } from '@swarmway/proxy-protocol'
import { type AbortSignalLike, invalidArgument } from '@swarmway/swarm/core'
import { findTunnel, openSocket } from '#websocket'
import type { Connect } from '../options.js'
import { WebSocketDuplex } from './websocket/duplex.js'

/** Options of {@link websocket}. */
export interface WebSocketOptions {
  /**
   * The HTTP proxy on the way to the servers, which is asked to CONNECT: its http:// or https:// URL, with the user name and
   * password if it wants them; 'env': the one that HTTPS_PROXY (for wss://), HTTP_PROXY (for ws://) or ALL_PROXY names, unless
   * NO_PROXY lists the server; or an `http.Agent`. Browsers use the proxy of their settings instead: there, only 'env' is
   * allowed, and changes nothing. Default: none.
   */
  proxy?: string | object | undefined
}

/**
 * For the option `connect`: opens WebSockets to proxy servers, in order, until one answers.
 * URLs are `wss://...`, or `ws://...` where the network is trusted. Throws a `TypeError` on anything else. A URL that is
 * given twice counts once.
 */
export function websocket(...urls: string[]): readonly Connect[]
/** As above, with options as the last argument. */
export function websocket(...urlsAndOptions: [...urls: string[], options: WebSocketOptions]): readonly Connect[]
export function websocket(...given: (string | WebSocketOptions)[]): readonly Connect[] {
  const options = optionsOf(given.at(-1))
  const urls = options === null ? given : given.slice(0, -1)
  if (urls.length === 0) verifyUrl(undefined)
  const distinct = new Set(urls.map(verifyUrl))
  return [...distinct].map((url) => connectTo(url, options ?? {}))
}

function connectTo(url: string, { proxy }: WebSocketOptions): Connect {
  const tunnel = findTunnel(url, proxy)
  const connect = (signal?: AbortSignalLike) => {
    const duplex = new WebSocketDuplex(openSocket(url, tunnel, signal))
    // A server that accepts and never answers would keep the socket, and the process, for as long as it likes.
    signal?.addEventListener('abort', () => duplex.destroy(), { once: true })
    return opened(duplex)
  }
  return Object.assign(connect, { url, serverName: hostOf(url), httpProxy: tunnel?.shown ?? undefined })
}

/** A URL object or an array is taken for a URL, and refused: as options it would be passed over in silence. */
function optionsOf(last: unknown): WebSocketOptions | null {
  const isOptions = typeof last === 'object' && last !== null && !Array.isArray(last) && !('href' in last)
  return isOptions ? last : null
}

function verifyUrl(url: unknown): string {
  if (typeof url === 'string' && /^wss?:\/\/./.test(url) && canParse(url)) return url
  throw invalidArgument('url', 'a ws:// or wss:// URL', url)
}

/** Otherwise each attempt would fail. Bare has no URL. */
function canParse(url: string): boolean {
  try {
    return typeof URL !== 'function' || new URL(url) !== null
  } catch {
    return false
  }
}

/** As in the Host header. Parsed by hand where possible: React Native's URL has no `host`. */
function hostOf(url: string): string {
  const [, host = ''] = /^wss?:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(url) ?? []
  return toServerName(/^[\x21-\x7e]*$/.test(host) ? host : new URL(url).host)
}

/** Resolves when the socket is open, so that an unreachable server fails at once and not by timeout. */
function opened(duplex: WebSocketDuplex): Promise<WebSocketDuplex> {
  return new Promise((resolve, reject) => {
    let failure: Error | null = null
    duplex.on('error', (error) => {
      failure = error
    })
    duplex.once('close', () => reject(failure ?? new Error('the WebSocket closed')))
    duplex.once('open', () => resolve(duplex))
  })
}
