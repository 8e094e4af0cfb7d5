/**
 * WebSockets as links of a proxy server.
 *
 * @module
 */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serverClosing } from '../errors.js'
import { type ListenOptions, type ListenSettings, settleListen } from './options.js'
import { type LinkTaker, Upgrades } from './upgrades.js'
import { createWebServer } from './web-server.js'

export type { ListenOptions, RefusedUpgrade } from './options.js'
export type { LinkTaker } from './upgrades.js'
export { createWebServer, type WebServer, type WebServerOptions } from './web-server.js'

/** The result of `listen`. */
export interface WebSocketListener {
  /** The address on which the HTTP server listens; null if it does not listen (yet). */
  readonly address: AddressInfo | string | null
  /** Number of open WebSockets. */
  readonly connections: number
  /**
   * Accepts no more WebSockets and cuts the open ones at once, so call `proxy.destroy()` first. Closes the HTTP
   * server unless it was passed in.
   */
  close(): Promise<void>
}

/**
 * Accepts clients over WebSocket, on its own port or attached to an HTTP(S) server. Rejects if the port is not
 * available, and with SERVER_CLOSING if the proxy server is destroyed, before or meanwhile.
 * @throws TypeError that names the first bad option
 */
export async function listen(proxy: LinkTaker, options: ListenOptions = {}): Promise<WebSocketListener> {
  const settings = settleListen(options)
  if (proxy.destroyed) throw serverClosing()
  const { remoteAddress } = settings
  const server =
    (options.server as Server | undefined) ?? createWebServer(remoteAddress === undefined ? {} : { remoteAddress })
  // Connections without a request yet count here; WebSockets are counted again when they open.
  if (options.server === undefined) server.maxConnections = 2 * settings.maxConnections
  const upgrades = new Upgrades(proxy, server, settings)
  const close = async () => {
    upgrades.close()
    if (options.server === undefined) await closed(server)
  }
  if (options.server === undefined) await bind(server, settings)
  if (proxy.destroyed) {
    await close()
    throw serverClosing()
  }
  return {
    get address() {
      return server.address()
    },
    get connections() {
      return upgrades.size
    },
    close
  }
}

function bind(server: Server, { host, port = 0 }: ListenSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
