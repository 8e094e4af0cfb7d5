import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createWebServer, type WebServer, type WebServerOptions } from '@swarmway/proxy-server/websocket'
import type { ProxySettings } from '../config/settings.js'
import type { FileWatch } from './file-watch.js'
import { remoteAddress } from './forwarded.js'
import { answerText, type Health, pathOf } from './health.js'
import { loadSite, type Site } from './site.js'
import { useFiles, type WatchTools } from './watched-file.js'

/** The http(s) server of the public port, not listening yet. */
export interface PublicServer {
  readonly server: WebServer
  /** Watches the certificate; null without TLS. */
  readonly watch: FileWatch | null
}

/** Twice as many as WebSockets in `listen`: connections without a request yet count too. */
const MAX_CONNECTIONS = 20_000
const UPGRADE_HEADERS = { upgrade: 'websocket' }

/** `listen` of the proxy server handles WebSockets; this answers plain requests. Rejects with a CliError. */
export async function createPublicServer(
  settings: ProxySettings,
  health: Health,
  tools: WatchTools
): Promise<PublicServer> {
  const { behindProxy, cert, key, path, site } = settings
  const options: WebServerOptions = {
    answer: answerPlainRequest(health, site ? loadSite(path) : null),
    ...(behindProxy.length > 0 && { remoteAddress: remoteAddress(behindProxy) })
  }
  if (cert === null || key === null) return { server: bounded(createWebServer(options)), watch: null }
  const { used, watch } = await useFiles(
    {
      what: 'certificate',
      files: [cert, key],
      use: ([certBytes, keyBytes]) => bounded(createWebServer({ ...options, tls: { cert: certBytes, key: keyBytes } })),
      // Open connections keep the old certificate; new ones get the new one.
      change: (server, [certBytes, keyBytes]) => {
        if ('setSecureContext' in server) server.setSecureContext({ cert: certBytes, key: keyBytes })
      }
    },
    tools
  )
  return { server: used, watch }
}

function bounded(server: WebServer): WebServer {
  server.maxConnections = MAX_CONNECTIONS
  return server
}

function answerPlainRequest(health: Health, site: Site | null): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (pathOf(request) === '/health') health.answer(response)
    else if (site?.answer(request, response)) return
    else answerText(response, 426, 'This is a Swarmway proxy server. Connect to it by WebSocket.', UPGRADE_HEADERS)
  }
}
