import type { Agent, IncomingMessage } from 'node:http'
import { type AbortSignalLike, invalidArgument } from '@swarmway/swarm/core'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'

/** The way to a server that leads through an HTTP proxy, or an application's agent. */
export interface Tunnel {
  /** The proxy's URL without its credentials; null if only the agent knows. */
  readonly shown: string | null
  /** An agent for one connection, which ends if `signal` aborts before the HTTP proxy has answered. */
  agent(signal?: AbortSignalLike): Agent
}

/** Emitted by the agents of `proxy-agents` on the request: what the proxy has answered to CONNECT. */
export const PROXY_CONNECT = 'proxyConnect'

/** The answer to CONNECT. */
export type ConnectAnswer = Pick<IncomingMessage, 'headers'> & { readonly statusCode: number }

/** The way for the option `proxy`; null: directly. Throws a `TypeError` if it, or the environment, names no HTTP proxy. */
export function findTunnel(url: string, proxy: unknown): Tunnel | null {
  if (proxy === undefined || proxy === null) return null
  if (proxy === 'env') return fromEnvironment(url)
  if (typeof proxy === 'string') return through(proxy, 'proxy')
  if (proxy instanceof URL) return through(proxy.href, 'proxy')
  if (isAgent(proxy)) return { shown: null, agent: () => proxy }
  throw invalidArgument('proxy', "'env', an http:// or https:// URL, or an http.Agent", proxy)
}

/** As for requests over HTTP: `ws` is `http` and `wss` is `https`. */
function fromEnvironment(url: string): Tunnel | null {
  const found = getProxyForUrl(url.replace(/^ws/, 'http'))
  if (found === '') return null
  // Without a scheme it is taken for one of the server's scheme, but a proxy speaks plain HTTP unless told otherwise.
  const isVerbatim = Object.values(process.env).includes(found)
  return through(isVerbatim ? found : found.replace(/^https:/, 'http:'), 'the proxy in the environment')
}

function through(text: string, what: string): Tunnel {
  const shown = shownProxy(text)
  if (shown === null) throw invalidArgument(what, 'the URL of an HTTP proxy, http:// or https://', schemeOf(text))
  if (!hasReadableCredentials(text)) throw invalidArgument(what, 'a URL whose credentials are percent-encoded', shown)
  return { shown, agent: (signal) => new HttpsProxyAgent(text, { signal: nativeSignal(signal) }) }
}

/** Without the credentials, which must not end up in logs. */
function shownProxy(text: string): string | null {
  if (!/^https?:\/\/./i.test(text) || !URL.canParse(text)) return null
  const { host, protocol } = new URL(text)
  return `${protocol}//${host}`
}

/** Each connection would fail, as if the proxy were out of reach. */
function hasReadableCredentials(text: string): boolean {
  const { password, username } = new URL(text)
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}

/** The rest may contain a password. */
function schemeOf(text: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? 'no URL'
}

function isAgent(value: unknown): value is Agent {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Agent>).destroy === 'function'
}

/** For Node's sockets, which take nothing else. */
function nativeSignal(signal: AbortSignalLike | undefined): AbortSignal {
  const controller = new AbortController()
  signal?.addEventListener('abort', () => controller.abort(), { once: true })
  return controller.signal
}
