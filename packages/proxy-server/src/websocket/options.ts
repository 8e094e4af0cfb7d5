import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'

/** Options of `listen`. */
export interface ListenOptions {
  /** An http(s) server to attach to; it is borrowed. Default: one of its own, on `port`. */
  server?: HttpServer | HttpsServer
  /** TCP port of the server's own; default 0: any. */
  port?: number
  /** Address of the server's own; default all. */
  host?: string
  /** Takes upgrades on this path only; the query string does not count. Default: on any. */
  path?: string
  /**
   * Web origins whose pages may connect, such as 'https://app.example'; '*' stands for all. Programs that send no
   * Origin header always may. Default: all; on a server that listens on a loopback address only, those of this machine
   * (localhost, 127.0.0.1 and the like): set the option behind a reverse proxy.
   */
  origins?: readonly string[]
  /** WebSockets at once; default 10,000. Further ones are answered with 503. Stops floods of connections. */
  maxConnections?: number
  /**
   * Bytes of a message; default 1 MiB. A larger one closes its connection (1009). A message is buffered before it is
   * looked at, so this is what a stranger can make the server hold.
   */
  maxMessageBytes?: number
  /**
   * The name by which a client asked for the server, host[:port]. A reverse proxy may put another one in its place: read
   * its header here. Default: the Host header.
   */
  serverHost?: (request: IncomingMessage) => string | undefined
  /**
   * Where a connection comes from; default the peer of the TCP connection. Behind a reverse proxy that is the proxy:
   * read its header here. If it throws, the connection is closed, and the error is uncaught.
   */
  remoteAddress?: (request: IncomingMessage) => string | undefined
}

/** Options with the defaults that are numbers. */
export interface ListenSettings extends ListenOptions {
  readonly maxConnections: number
  readonly maxMessageBytes: number
}

/** Smaller messages would not carry one frame of data. */
const MIN_MESSAGE_BYTES = 128 * 1024

/** Fills in defaults. @throws TypeError that names the first bad option */
export function settleListen(options: ListenOptions): ListenSettings {
  const { path, port, server } = options
  if (server !== undefined && port !== undefined) throw new TypeError('server and port exclude each other')
  if (path !== undefined && !path.startsWith('/')) throw new TypeError(`path must begin with a slash, not ${path}`)
  return {
    ...options,
    maxConnections: integer('maxConnections', options.maxConnections ?? 10_000, 1),
    maxMessageBytes: integer('maxMessageBytes', options.maxMessageBytes ?? 1024 * 1024, MIN_MESSAGE_BYTES)
  }
}

function integer(name: string, value: number, min: number): number {
  if (Number.isInteger(value) && value >= min) return value
  throw new TypeError(`${name} must be an integer of at least ${min}, not ${String(value)}`)
}
