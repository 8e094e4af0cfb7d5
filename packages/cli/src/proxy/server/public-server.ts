import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Server } from 'node:net'
import type { ProxySettings } from '../config/settings.js'
import type { FileWatch } from './file-watch.js'
import { answerText, type Health, pathOf } from './health.js'
import { loadSite, type Site } from './site.js'
import { useFiles, type WatchTools } from './watched-file.js'

/** The http(s) server of the public port, not listening yet. */
export interface PublicServer {
  readonly server: ReturnType<typeof createServer> | ReturnType<typeof createTlsServer>
  /** Watches the certificate; null without TLS. */
  readonly watch: FileWatch | null
}

/** Milliseconds for a request, and how often that is checked. Node's default is a minute for the headers. */
const HTTP_OPTIONS = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 2500 }
/** Twice as many as WebSockets in `listen`: connections without a request yet count too. */
const MAX_CONNECTIONS = 20_000
const UPGRADE_HEADERS = { connection: 'close', upgrade: 'websocket' }

/** `listen` of the proxy server handles WebSockets; this answers plain requests. Rejects with a CliError. */
export async function createPublicServer(
  settings: ProxySettings,
  health: Health,
  tools: WatchTools
): Promise<PublicServer> {
  const answer = answerPlainRequest(health, settings.site ? loadSite(settings.path) : null)
  const { cert, key } = settings
  if (cert === null || key === null) return { server: bounded(createServer(HTTP_OPTIONS, answer)), watch: null }
  const { used, watch } = await useFiles(
    {
      what: 'certificate',
      files: [cert, key],
      use: ([certBytes, keyBytes]) =>
        bounded(createTlsServer({ ...HTTP_OPTIONS, cert: certBytes, key: keyBytes }, answer)),
      // Open connections keep the old certificate; new ones get the new one.
      change: (server, [certBytes, keyBytes]) => server.setSecureContext({ cert: certBytes, key: keyBytes })
    },
    tools
  )
  return { server: used, watch }
}

function bounded<S extends Server>(server: S): S {
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
