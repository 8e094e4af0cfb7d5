import { createServer as createTcpServer, type Server } from 'node:net'
import { type Clock, systemClock } from '@swarmway/proxy-protocol'
import { type ProxyServer, StunResponder } from '@swarmway/proxy-server'
import { type LinkTaker, listen, type WebSocketListener } from '@swarmway/proxy-server/websocket'
import type { ProxySettings } from '../config/settings.js'
import { bind, cannotListen } from './bind.js'
import { closeServer } from './close-server.js'
import { createProxy, type ServerProcess } from './create-proxy.js'
import type { FileWatch } from './file-watch.js'
import { remoteAddress, serverHost } from './forwarded.js'
import { type DhtWord, Health } from './health.js'
import type { Logger } from './log.js'
import { logRefusals } from './log-refusals.js'
import { createPublicServer } from './public-server.js'

/** Listening ports; null if not configured. */
export interface Ports {
  readonly port: number
  readonly tcpPort: number | null
  /** UDP. With workers, that of the first one. */
  readonly stunPort: number | null
}

/** Maximum number of raw TCP connections, the same as for WebSockets in `listen`. */
const MAX_TCP_CONNECTIONS = 10_000
/** Connections to the public port that have not sent a request. */
const MAX_PENDING_CONNECTIONS = 1024
/** How long clients may take to receive the goodbye and hang up. */
const GOODBYE_MS = 1000
const POLL_MS = 10

/** What a running server is made of. */
interface RunningParts {
  readonly server: ProxyServer
  readonly watch: FileWatch | null
  readonly stun: StunResponder | null
}

/** A proxy server and its ports. */
export class RunningServer {
  readonly health: Health
  readonly server: ProxyServer
  readonly #log: Logger
  readonly #clock: Clock
  readonly #watches: FileWatch[]
  readonly #stun: StunResponder | null
  #ports: Ports | null = null
  #webSockets: WebSocketListener | null = null
  #listening: Server[] = []
  #stopping: Promise<void> | null = null

  /** Reads files, creates the server and listens. Rejects with a CliError and then leaves nothing behind. */
  static async start(tools: ServerProcess): Promise<RunningServer> {
    const { settings, worker } = tools
    const stun = await openStun(settings, worker)
    const stunPort = stun?.port ?? settings.stunPort
    const { server, watch } = await createProxy({ ...tools, settings: { ...settings, stunPort } }).catch(
      async (error) => {
        await stun?.close()
        throw error
      }
    )
    const running = new RunningServer(tools, { server, watch, stun })
    try {
      await running.#listen(tools)
      return running
    } catch (error) {
      await running.stop()
      throw error
    }
  }

  private constructor({ clock = systemClock, log, settings }: ServerProcess, { server, stun, watch }: RunningParts) {
    this.health = new Health(() => this.dhtWord, settings.site)
    this.#stun = stun
    this.#log = log
    this.#clock = clock
    this.server = server
    this.#watches = watch === null ? [] : [watch]
  }

  get ports(): Ports {
    return this.#ports ?? { port: 0, tcpPort: null, stunPort: null }
  }

  /** The state of the DHT. */
  get dhtWord(): DhtWord {
    if (this.server.dht === null) return 'off'
    return this.server.online ? 'online' : 'offline'
  }

  /**
   * Accepts no more clients, waits for open work (`drainMs` at most), says goodbye and closes. Until then
   * the public port still answers that the server is draining.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #listen(tools: ServerProcess): Promise<void> {
    const { route, settings } = tools
    const { server, watch } = await createPublicServer(settings, this.health, tools)
    if (watch !== null) this.#watches.push(watch)
    this.#listening.push(server)
    const taker = route === undefined ? this.server : route(this.server)
    const { path } = settings
    const origins = originsOf(settings)
    this.#webSockets = await listen(taker, {
      server,
      maxPendingConnections: MAX_PENDING_CONNECTIONS,
      remoteAddress: remoteAddress(settings.behindProxy),
      serverHost: serverHost(settings.behindProxy),
      onRefused: logRefusals(this.#log, settings.logAddresses, this.#clock),
      ...(origins !== undefined && { origins }),
      ...(path !== null && { path })
    })
    const tcpPort = await this.#listenTcp(taker, settings)
    const port = await bind(server, { host: settings.host, port: settings.port, flag: '--port' })
    this.#ports = { port, tcpPort, stunPort: this.#stun?.port ?? settings.stunPort }
  }

  async #listenTcp(taker: LinkTaker, { host, tcpPort }: ProxySettings): Promise<number | null> {
    if (tcpPort === null) return null
    const server = createTcpServer({ noDelay: true }, (socket) => {
      taker.handleStream(socket, { remoteAddress: socket.remoteAddress })
    })
    server.maxConnections = MAX_TCP_CONNECTIONS
    this.#listening.push(server)
    return bind(server, { host, port: tcpPort, flag: '--tcp-port' })
  }

  async #stop(): Promise<void> {
    this.health.isDraining = true
    for (const watch of this.#watches) watch.close()
    this.#log.debug({ clients: this.server.clients.size }, 'draining')
    await this.server.destroy()
    await this.#goodbyesTaken()
    await this.#webSockets?.close()
    await this.#stun?.close()
    await Promise.all(this.#listening.map((server) => closeServer(server, this.#clock)))
  }

  /** Closing a WebSocket at once would cut off the goodbye still on its way. */
  async #goodbyesTaken(): Promise<void> {
    const deadline = this.#clock.now() + GOODBYE_MS
    while ((this.#webSockets?.connections ?? 0) > 0 && this.#clock.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

/** A server on a loopback address is public if a reverse proxy is in front of it. */
function originsOf({ behindProxy, origins }: ProxySettings): readonly string[] | undefined {
  return origins ?? (behindProxy.length > 0 ? ['*'] : undefined)
}

/** The STUN responder of the settings, null for none: with workers, the first one has it. Rejects with a CliError. */
async function openStun(
  { host, stunHost, stunPort }: ProxySettings,
  worker: number | null
): Promise<StunResponder | null> {
  if (stunPort === null || (worker ?? 1) !== 1) return null
  const address = stunHost ?? host
  try {
    return await StunResponder.listen({ host: address, port: stunPort })
  } catch (cause) {
    throw cannotListen({ host: address, port: stunPort, flag: '--stun-port' }, cause)
  }
}
