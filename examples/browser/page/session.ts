import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { Room } from '../room/room.ts'
import { allowsDirect } from './address.ts'
import { tabKeyPair } from './identity.ts'
import { afterDisconnect, answersHttp, type LinkState } from './link.ts'

/** Somebody is waiting at the screen, so this is shorter than the client's 30 s. */
const RECONNECT_MAX_MS = 5000

/** What the user entered to join. */
export interface Entry {
  readonly name: string
  readonly nickname: string
  /** Colour, in degrees. */
  readonly hue: number
  /** WebSocket URLs. */
  readonly proxies: readonly string[]
}

/** A room, and the swarm that carries it. */
export class Session {
  readonly room: Room
  readonly swarm: ProxyClient
  link: LinkState = { status: 'connecting' }
  /** Whether we are announced on the network. */
  isAnnounced = false
  readonly #proxies: readonly string[]
  readonly #onOnline = () => this.retry()

  /** Throws a `TypeError` if a URL is not a WebSocket's. */
  static async begin(entry: Entry, onChange: () => void): Promise<Session> {
    return new Session(entry, onChange, await tabKeyPair())
  }

  private constructor(entry: Entry, onChange: () => void, keyPair: ProxyClient['keyPair']) {
    const { hue, name, nickname, proxies } = entry
    this.#proxies = proxies
    const connect = websocket(...proxies)
    const direct = allowsDirect(location.search) ? undefined : false
    this.swarm = new ProxyClient({ connect, keyPair, direct, reconnectMaxMs: RECONNECT_MAX_MS })
    this.room = new Room(this.swarm, { name, nickname, hue, reach: 'proxy', onChange })
    this.#followLink(onChange)
    this.#followAnnouncement(onChange)
    addEventListener('online', this.#onOnline)
  }

  /** Tries to connect at once if there is no link. */
  retry(): void {
    if (!this.swarm.connected && !this.swarm.destroyed) this.swarm.reconnect()
  }

  async end(): Promise<void> {
    removeEventListener('online', this.#onOnline)
    await this.swarm.destroy()
    await this.room.close()
  }

  #followLink(onChange: () => void): void {
    let hasBeenUp = false
    this.swarm.on('connected', () => {
      hasBeenUp = true
      this.link = { status: 'connected' }
      onChange()
    })
    this.swarm.on('disconnected', ({ error, retryMs }) => {
      this.link = afterDisconnect(error.code, retryMs, performance.now(), hasBeenUp)
      if (!hasBeenUp) void this.#lookForOther(onChange)
      onChange()
    })
  }

  /** Tells a wrong address from a server that is down. */
  async #lookForOther(onChange: () => void): Promise<void> {
    const [url = ''] = this.#proxies
    const isOther = await answersHttp(url)
    if (this.link.status !== 'waiting' || this.link.hasBeenUp) return
    this.link = { ...this.link, isOther }
    onChange()
  }

  async #followAnnouncement(onChange: () => void): Promise<void> {
    this.isAnnounced = Boolean(await this.room.discovery.flushed())
    onChange()
  }
}
