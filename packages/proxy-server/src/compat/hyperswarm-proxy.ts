/**
 * The server API of hyperswarm-proxy and `@dswarm/proxy` on top of `ProxyServer`, for migrating an application step
 * by step. docs/migrating.md lists the new name of each old one.
 * @packageDocumentation
 */

import type { DuplexLike, ProxyError } from '@swarmway/proxy-protocol'
import { type Listen, moduleExports } from '@swarmway/runtime'
import type { Connection, PeerDiscoverySession, PeerInfo, Swarm } from '@swarmway/swarm'
import { assertCallback, type Callback, later, withCallback } from '@swarmway/swarm/compat'
import b4a from 'b4a'
import { ProxyServer, type ProxyServerEvents } from '../server.js'
import type { ClientLink } from '../sessions/client-link.js'
import type { ClientSession } from '../sessions/client-session.js'
import type { StreamInfo } from '../sessions/stream-info.js'
import type { HyperswarmProxyServerOptions } from './hyperswarm-proxy-options.js'
import { type OpenedNetwork, openNetwork } from './network.js'

export type { HandleIncoming, HyperswarmProxyServerOptions } from './hyperswarm-proxy-options.js'

/** Called when a client has been admitted or denied. */
export type OnClient = Callback<[client: ClientSession]>

/** Events of a {@link HyperswarmProxyServer}. */
export interface HyperswarmProxyServerEvents extends ProxyServerEvents {
  /** @deprecated The server accepts streams from the start. */
  ready: []
  /** @deprecated Use `await server.destroy()`. */
  close: []
}

/**
 * A proxy server that also has hyperswarm-proxy's API.
 * @deprecated Use `ProxyServer`; docs/migrating.md lists the replacements.
 */
export class HyperswarmProxyServer extends ProxyServer {
  /** Calls the listener with each event of that name. */
  declare on: Listen<this, HyperswarmProxyServerEvents>
  /** Calls the listener with the next event only. */
  declare once: Listen<this, HyperswarmProxyServerEvents>
  /** Removes the listener. */
  declare off: Listen<this, HyperswarmProxyServerEvents>
  /** As `on`. */
  declare addListener: Listen<this, HyperswarmProxyServerEvents>
  /** As `off`. */
  declare removeListener: Listen<this, HyperswarmProxyServerEvents>
  /** As `on`, before the other listeners. */
  declare prependListener: Listen<this, HyperswarmProxyServerEvents>
  /** As `once`, before the other listeners. */
  declare prependOnceListener: Listen<this, HyperswarmProxyServerEvents>

  readonly #network: OpenedNetwork
  readonly #announced = new Map<string, PeerDiscoverySession>()
  readonly #onConnection: (socket: Connection, info: PeerInfo) => void
  #destroying: Promise<void> | null = null

  /** @throws TypeError that names the first bad option */
  constructor(options: HyperswarmProxyServerOptions = {}) {
    const network = openNetwork(options)
    const { ephemeral, handleIncoming, keyPair, network: _, seed, ...today } = options
    const own = network.swarm === null ? [] : [network.swarm.keyPair.publicKey]
    try {
      super({ ...today, dht: network.dht, ownKeys: [...own, ...(today.ownKeys ?? [])] })
    } catch (error) {
      void network.close()
      throw error
    }
    this.#network = network
    this.#onConnection = (socket, info) => {
      if (!socket.isInitiator) handleIncoming?.(socket, info)
    }
    this.#open()
  }

  /** The server's own key; null without `handleIncoming`. */
  get publicKey(): Uint8Array | null {
    return this.#network.swarm?.keyPair.publicKey ?? null
  }

  /** Accepts a link. Calls back with the client's session, or with the reason why the client was denied. */
  override handleStream(duplex: DuplexLike, second: StreamInfo | OnClient = {}, callback?: OnClient): ClientLink {
    const onClient = typeof second === 'function' ? second : callback
    assertCallback(onClient)
    const link = super.handleStream(duplex, typeof second === 'function' ? {} : second)
    if (onClient !== undefined) void withCallback(whenIn(link), onClient).catch(ignore)
    return link
  }

  /** Ends the server, and its network unless that was passed in. */
  override destroy(callback?: Callback): Promise<void> {
    assertCallback(callback)
    this.#destroying ??= this.#destroy()
    return withCallback(this.#destroying, callback && ((error) => callback(error)))
  }

  /** Emits an event, of the base class or its own. Returns whether anybody listens. */
  override emit<K extends keyof HyperswarmProxyServerEvents>(
    event: K,
    ...args: HyperswarmProxyServerEvents[K]
  ): boolean {
    return Reflect.apply(super.emit, this, [event, ...args])
  }

  #open(): void {
    const { swarm } = this.#network
    later(() => {
      if (!this.destroyed) this.emit('ready')
    })
    if (swarm === null) return
    swarm.on('connection', this.#onConnection)
    this.on('topic', (topic, isOpen) => this.#announce(swarm, topic, isOpen))
    swarm.listen().catch(ignore)
  }

  /** Announces the server on the topics that its clients look up. */
  #announce(swarm: Swarm, topic: Uint8Array, isOpen: boolean): void {
    const key = b4a.toString(topic, 'hex')
    void this.#announced.get(key)?.destroy()
    this.#announced.delete(key)
    if (isOpen && !this.destroyed && !swarm.destroyed)
      this.#announced.set(key, swarm.join(topic, { client: false, server: true }))
  }

  async #destroy(): Promise<void> {
    const { swarm } = this.#network
    const left = super.destroy()
    swarm?.removeListener('connection', this.#onConnection)
    await Promise.allSettled([...this.#announced.values()].map((session) => session.destroy()))
    this.#announced.clear()
    await left
    await this.#network.close()
    later(() => this.emit('close'))
  }
}

/** Resolves to the session. Rejects with the reason if the client was denied. */
async function whenIn(link: ClientLink): Promise<ClientSession> {
  const session = await link.ready
  if (session !== null) return session
  const error: ProxyError = await link.closed
  throw error
}

function ignore(): void {}

/** What `require` returns: the class, with all exports as its properties. */
const HyperswarmProxyServerModule = /* @__PURE__ */ moduleExports(HyperswarmProxyServer, () => ({
  HyperswarmProxyServer
}))
type HyperswarmProxyServerModule = HyperswarmProxyServer

export { HyperswarmProxyServer as default, HyperswarmProxyServerModule as 'module.exports' }
