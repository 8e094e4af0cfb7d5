import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { ProxySettings } from '../config/settings.js'
import type { FileWatch } from './file-watch.js'
import { answerText, type Health, pathOf } from './health.js'
import { useFiles, type WatchTools } from './watched-file.js'

/** The http(s) server of the public port, not listening yet. */
export interface PublicServer {
  readonly server: ReturnType<typeof createServer> | ReturnType<typeof createTlsServer>
  /** Watches the certificate; null without TLS. */
  readonly watch: FileWatch | null
}

const UPGRADE_HEADERS = { connection: 'close', upgrade: 'websocket' }

/** `listen` of the proxy server handles WebSockets; this answers plain requests. Rejects with a CliError. */
export async function createPublicServer(
  settings: ProxySettings,
  health: Health,
  tools: WatchTools
): Promise<PublicServer> {
  const answer = answerPlainRequest(health)
  const { cert, key } = settings
  if (cert === null || key === null) return { server: createServer(answer), watch: null }
  const { used, watch } = await useFiles(
    {
      what: 'certificate',
      files: [cert, key],
      use: ([certBytes, keyBytes]) => createTlsServer({ cert: certBytes, key: keyBytes }, answer),
      // Open connections keep the old certificate; new ones get the new one.
      change: (server, [certBytes, keyBytes]) => server.setSecureContext({ cert: certBytes, key: keyBytes })
    },
    tools
  )
  return { server: used, watch }
}

function answerPlainRequest(health: Health): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (pathOf(request) === '/health') health.answer(response)
    else answerText(response, 426, 'This is a Swarmway proxy server. Connect to it by WebSocket.', UPGRADE_HEADERS)
  }
}
