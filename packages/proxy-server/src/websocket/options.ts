import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { assertOptions, badOption, verifyType } from '@swarmway/runtime'

/** Options of `listen`. */
export interface ListenOptions {
  /** An HTTP(S) server to attach to; it is borrowed. Default: a new one on `port`. */
  server?: HttpServer | HttpsServer
  /** TCP port of the new server; default 0: any. */
  port?: number
  /** Address of the new server; default all. */
  host?: string
  /** Accepts upgrades only on this path, ignoring the query string. Default: on any path. */
  path?: string
  /**
   * Web origins whose pages may connect, such as 'https://app.example'; '*' allows all. Programs that send no Origin
   * header may always connect. Default: all, or only those of this machine (localhost, 127.0.0.1 and the like) on a
   * server that listens only on a loopback address. Set the option behind a reverse proxy.
   */
  origins?: readonly string[]
  /**
   * WebSockets at once; default 10,000. Further ones are refused with 503 and Retry-After, and so are those of a network (an
   * IPv4 address or an IPv6 /48) that has as many open as are free; this machine's own addresses may have all. Stops floods
   * of connections.
   */
  maxConnections?: number
  /** WebSockets of one network; default `maxConnections`. Further ones are refused with 429 and Retry-After. */
  maxConnectionsPerNetwork?: number
  /**
   * Connections that have not sent their request yet, or wait for their turn (see `createWebServer`); default 1024 on a new
   * server, no limit on a borrowed one. One more cuts the oldest of the network with the most. Stops floods of silent
   * connections.
   */
  maxPendingConnections?: number
  /**
   * Bytes of a message; default 1 MiB. A larger one closes its connection (1009). A message is buffered before it is
   * parsed, so a stranger can make the server hold this many bytes.
   */
  maxMessageBytes?: number
  /**
   * Fragments of a message; default 256. One more closes its connection (1008). A fragment of a byte costs far more
   * memory than a byte, and is kept until its message is whole.
   */
  maxFragments?: number
  /**
   * Returns the name by which a client addressed the server, host[:port]. A reverse proxy may replace it: read the
   * proxy's header here. Default: the Host header.
   */
  serverHost?: (request: IncomingMessage) => string | undefined
  /**
   * Returns the address of a connection; default the peer of the TCP connection. Behind a reverse proxy that peer is
   * the proxy: read the proxy's header here. If it throws, the connection is closed and the error stays uncaught.
   */
  remoteAddress?: (request: IncomingMessage) => string | undefined
  /** Hears of upgrades that are refused before there is a link, for a log. What it throws is uncaught. Default: nobody. */
  onRefused?: (refusal: RefusedUpgrade) => void
}

/** An upgrade that was refused. */
export interface RefusedUpgrade {
  /** HTTP status: 403 for a page of another origin, 404, 429, 503. */
  readonly status: number
  /** The Origin header, which only browsers send. A stranger may have written anything into it. */
  readonly origin: string | undefined
  readonly remoteAddress: string | undefined
}

/** Options with the numeric defaults filled in. */
export interface ListenSettings extends ListenOptions {
  readonly maxConnections: number
  readonly maxConnectionsPerNetwork: number
  readonly maxPendingConnections: number
  readonly maxMessageBytes: number
  readonly maxFragments: number
}

/** A smaller message could not carry one frame of data. */
const MIN_MESSAGE_BYTES = 128 * 1024

/** Fills in defaults. @throws TypeError that names the first bad option */
export function settleListen(options: ListenOptions): ListenSettings {
  assertOptions(options)
  const { path, port, server } = options
  verifyServer(options)
  verifyType(options, 'path', 'string')
  verifyType(options, 'host', 'string')
  if (server !== undefined && port !== undefined) throw badOption('server and port exclude each other')
  if (path !== undefined && !path.startsWith('/')) throw badOption(`path must begin with a slash, not ${path}`)
  const maxConnections = integer('maxConnections', options.maxConnections ?? 10_000, 1)
  const { maxConnectionsPerNetwork = maxConnections, maxPendingConnections } = options
  const defaultPending = server === undefined ? 1024 : Number.POSITIVE_INFINITY
  return {
    ...options,
    maxConnections,
    maxConnectionsPerNetwork: integer('maxConnectionsPerNetwork', maxConnectionsPerNetwork, 1),
    maxPendingConnections:
      maxPendingConnections === undefined ? defaultPending : integer('maxPendingConnections', maxPendingConnections, 1),
    maxMessageBytes: integer('maxMessageBytes', options.maxMessageBytes ?? 1024 * 1024, MIN_MESSAGE_BYTES),
    maxFragments: integer('maxFragments', options.maxFragments ?? 256, 1)
  }
}

/** Without the check, a certificate for `https.createServer` would be ignored, and tokens sent in the clear. */
function verifyServer(options: ListenOptions): void {
  const { server } = options
  const isServer = server === undefined || (typeof server === 'object' && server !== null && 'on' in server)
  if (!isServer) throw badOption('server must be a server of node:http or node:https')
  const { cert, key } = options as { cert?: unknown; key?: unknown }
  if (cert !== undefined || key !== undefined)
    throw badOption('server must be https.createServer({ cert, key }) for TLS')
}

/** @throws TypeError that names the option */
export function integer(name: string, value: number, min: number): number {
  if (Number.isInteger(value) && value >= min) return value
  throw badOption(`${name} must be an integer of at least ${min}, not ${String(value)}`)
}
