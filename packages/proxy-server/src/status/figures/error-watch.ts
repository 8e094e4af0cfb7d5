import type { ProxyError } from '@swarmway/proxy-protocol'
import type { FleetTrouble } from '../../fleet/fleet-host.js'
import { RecentErrors } from './recent-errors.js'
import type { WatchedServer } from './watched-server.js'

/** How sessions end when nothing is wrong with the server or the client. */
const ORDINARY: ReadonlySet<string> = new Set([
  'CUT_OFF',
  'DESTROYED',
  'GOING_AWAY',
  'LIMIT',
  'LINK_CLOSED',
  'LINK_TIMEOUT',
  'SERVER_CLOSING',
  'SESSION_EXPIRED'
])

const FLEET_CODES = { port: 'FLEET_PORT', broker: 'FLEET_BROKER', link: 'FLEET_LINK' } as const

/** Takes note of what goes wrong at a server. */
export class ErrorWatch {
  readonly recent = new RecentErrors()
  readonly #server: WatchedServer

  constructor(server: WatchedServer) {
    this.#server = server
    server.on?.('denied', this.#onDenied)
    server.on?.('client-close', this.#onClientClose)
    server.on?.('offline', this.#onOffline)
    server.on?.('fleet-error', this.#onFleetError)
  }

  /** Leaves no listener behind. */
  destroy(): void {
    this.#server.off?.('denied', this.#onDenied)
    this.#server.off?.('client-close', this.#onClientClose)
    this.#server.off?.('offline', this.#onOffline)
    this.#server.off?.('fleet-error', this.#onFleetError)
  }

  /** Without the message, which can quote the client. */
  readonly #onDenied = ({ code }: ProxyError): void => {
    this.recent.add(code, 'A client was refused')
  }

  /** What a client says about its own end is its affair, and could be made up. */
  readonly #onClientClose = (_session: unknown, { code, remote }: ProxyError): void => {
    if (!remote && !ORDINARY.has(code)) this.recent.add(code, 'A session was ended because of a fault of its client')
  }

  readonly #onOffline = (): void => {
    this.recent.add('DHT_OFFLINE', 'The DHT did not answer')
  }

  readonly #onFleetError = ({ message }: Error, what: FleetTrouble = 'port'): void => {
    this.recent.add(FLEET_CODES[what], message)
  }
}
