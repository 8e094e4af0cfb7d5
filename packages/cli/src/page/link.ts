import { ProxyClient, type ProxyError } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import type { Meeting } from '../shared/names/meeting.js'
import { keepLooking } from '../shared/network/keep-looking.js'

/** Somebody is waiting at the screen, so this is shorter than the client's 30 s. */
const RECONNECT_MAX_MS = 5000

/** A limit of the server refuses us, for now. */
const LIMITS: readonly string[] = ['LIMIT', 'RATE_LIMIT']

/** What is known of the way to the sender, apart from the sender. */
export type LinkState = 'connecting' | 'connected' | 'lost' | 'tokenWanted' | 'refused' | 'full' | 'dhtAway'

/** The address of the proxy server of this page; `path` is relative to the page's folder. */
export function proxyUrl(page: string, path: string): string {
  const url = new URL(path, new URL('.', page))
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.hash = ''
  return url.href
}

/** A swarm of the sender and its receivers, through the server of this page. */
export class Link {
  readonly swarm: ProxyClient
  state: LinkState = 'connecting'
  /** Why the server refuses us. */
  refusal = ''
  readonly #onChange: () => void
  readonly #onOnline = () => {
    if (!this.swarm.connected && !this.swarm.destroyed) this.swarm.reconnect()
  }

  constructor(url: string, token: string | undefined, { group, topic }: Meeting, onChange: () => void) {
    this.#onChange = onChange
    const connect = websocket(url)
    const options = { userAgent: 'swarmway-page', reconnectMaxMs: RECONNECT_MAX_MS, auth: token }
    // A direct path would tell the other side the address of this device.
    this.swarm = new ProxyClient({ ...options, connect, group, direct: false })
    this.swarm.on('connected', () => this.#set('connected'))
    this.swarm.on('disconnected', ({ error, retryMs }) => this.#onDisconnected(error, retryMs))
    this.swarm.on('offline', ({ reason }) => reason === 'SERVER_OFFLINE' && this.#set('dhtAway'))
    this.swarm.on('online', () => this.swarm.connected && this.#set('connected'))
    addEventListener('online', this.#onOnline)
    keepLooking(this.swarm, this.swarm.join(topic, { server: false, client: true }))
  }

  async end(): Promise<void> {
    removeEventListener('online', this.#onOnline)
    await this.swarm.destroy()
  }

  #onDisconnected(error: ProxyError, retryMs: number | null): void {
    this.refusal = error.message
    if (error.code === 'AUTH_DENIED') this.#set('tokenWanted')
    else if (retryMs === null) this.#set('refused')
    else this.#set(LIMITS.includes(error.code) ? 'full' : 'lost')
  }

  #set(state: LinkState): void {
    if (this.swarm.destroyed) return
    this.state = state
    this.#onChange()
  }
}
