import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { badOption } from '@swarmway/runtime'
import type { StatusSource } from './figures/snapshot.js'
import type { WatchedServer } from './figures/watched-server.js'
import { send } from './http/answer.js'
import { createStatusServer } from './http/status-server.js'
import type { StatusPageOptions } from './options.js'
import { type StatusPage, statusPage } from './status-page.js'

/** Options of `listenStatus`. */
export interface ListenStatusOptions extends StatusPageOptions {
  /** TCP port; default 0: any. */
  port?: number
  /**
   * Address to listen on; default 127.0.0.1: this machine only. An address that other machines can reach needs a
   * `token`.
   */
  host?: string
}

/** A status page on its own port. */
export interface StatusListener {
  /** The address on which it listens. */
  readonly address: AddressInfo
  /** The page's address for a browser on this machine, without the token. */
  readonly url: string
  /** Closes the page and its HTTP server; resolves when the port is free. */
  close(): Promise<void>
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i

/**
 * Serves the status page on its own port, for this machine only unless `host` says otherwise. Rejects if the port is
 * not available.
 * @throws TypeError that names the first bad option, or that a host reachable from other machines needs a token
 */
export async function listenStatus(
  source: WatchedServer | StatusSource,
  { host = '127.0.0.1', port = 0, ...options }: ListenStatusOptions = {}
): Promise<StatusListener> {
  if (options.token === undefined && !LOOPBACK.test(host))
    throw badOption(`host ${host} can be reached from other machines: set a token as well`)
  const page = statusPage(source, options)
  const server = createStatusServer((request, response) => {
    if (!page.handle(request, response)) send(response, { status: 404, body: 'Not found.\n' })
  })
  try {
    await bind(server, host, port)
  } catch (error) {
    page.destroy()
    throw error
  }
  return listener(server, page, options.path ?? '/')
}

function listener(server: Server, page: StatusPage, path: string): StatusListener {
  const address = server.address() as AddressInfo
  let closing: Promise<void> | null = null
  return {
    address,
    url: `http://${urlHost(address)}:${address.port}${path}`,
    close: () => {
      closing ??= close(server, page)
      return closing
    }
  }
}

function urlHost({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1'
  return family === 'IPv6' ? `[${address}]` : address
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function close(server: Server, page: StatusPage): Promise<void> {
  page.destroy()
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
