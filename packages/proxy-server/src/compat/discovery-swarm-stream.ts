/**
 * The server API of discovery-swarm-stream on top of `ProxyServer`, for migrating an application step by step.
 * docs/migrating.md lists the new name of each old one.
 * @packageDocumentation
 */

import type { DuplexLike } from '@swarmway/proxy-protocol'
import { type Listen, moduleExports } from '@swarmway/runtime'
import { assertCallback, type Callback, later, warnOnce, withCallback } from '@swarmway/swarm/compat'
import { invalidArgument } from '@swarmway/swarm/core'
import type { ProxyServerOptions } from '../options.js'
import { ProxyServer, type ProxyServerEvents } from '../server.js'
import type { ClientLink } from '../sessions/client-link.js'
import type { StreamInfo } from '../sessions/stream-info.js'

/** Options of discovery-swarm-stream's server, in addition to those of `ProxyServer`. */
export interface DiscoverySwarmStreamServerOptions extends ProxyServerOptions {
  /**
   * Whether clients of this server find each other here. Default: true.
   * @deprecated Use `connectClients`.
   */
  connectExistingClients?: boolean | undefined
  /** @deprecated True has no effect: a topic is 32 bytes, and clients hash names themselves. */
  defaultHash?: boolean | undefined
  /** @deprecated True has no effect: every connection begins with a Noise handshake. */
  defaultHandshake?: boolean | undefined
  /** @deprecated Has no effect: the server sees no plaintext and needs none to know a connection's topic. */
  stream?: unknown
}

/** Events of a {@link DiscoverySwarmStreamServer}. */
export interface DiscoverySwarmStreamServerEvents extends ProxyServerEvents {
  /** @deprecated Use `await server.destroy()`. */
  close: []
}

/**
 * A proxy server that also has discovery-swarm-stream's API.
 * @deprecated Use `ProxyServer`; docs/migrating.md lists the replacements.
 */
export class DiscoverySwarmStreamServer extends ProxyServer {
  /** Calls the listener with each event of that name. */
  declare on: Listen<this, DiscoverySwarmStreamServerEvents>
  /** Calls the listener with the next event only. */
  declare once: Listen<this, DiscoverySwarmStreamServerEvents>
  /** Removes the listener. */
  declare off: Listen<this, DiscoverySwarmStreamServerEvents>
  /** As `on`. */
  declare addListener: Listen<this, DiscoverySwarmStreamServerEvents>
  /** As `off`. */
  declare removeListener: Listen<this, DiscoverySwarmStreamServerEvents>
  /** As `on`, before the other listeners. */
  declare prependListener: Listen<this, DiscoverySwarmStreamServerEvents>
  /** As `once`, before the other listeners. */
  declare prependOnceListener: Listen<this, DiscoverySwarmStreamServerEvents>

  #hasClosed = false

  /** @throws TypeError that names the first bad option */
  constructor(options: DiscoverySwarmStreamServerOptions = {}) {
    const { connectExistingClients, defaultHandshake, defaultHash, stream, ...today } = options
    if (connectExistingClients !== undefined && typeof connectExistingClients !== 'boolean')
      throw invalidArgument('connectExistingClients', 'a boolean', connectExistingClients)
    warnOfIneffective(options)
    super({ connectClients: connectExistingClients ?? true, ...today })
  }

  /** @deprecated Use `handleStream`. */
  handleConnection(duplex: DuplexLike, info?: StreamInfo): ClientLink {
    return this.handleStream(duplex, info)
  }

  /** @deprecated Use `handleStream`. */
  addClient(duplex: DuplexLike): ClientLink {
    return this.handleStream(duplex)
  }

  /** @deprecated Use `destroy`. */
  close(callback?: Callback): Promise<void> {
    return this.destroy(callback)
  }

  override destroy(callback?: Callback): Promise<void> {
    assertCallback(callback)
    const destroyed = super.destroy()
    if (!this.#hasClosed) destroyed.then(() => later(() => this.emit('close')))
    this.#hasClosed = true
    return withCallback(destroyed, callback && ((error) => callback(error)))
  }

  /** Emits an event, of the base class or its own. Returns whether anybody listens. */
  override emit<K extends keyof DiscoverySwarmStreamServerEvents>(
    event: K,
    ...args: DiscoverySwarmStreamServerEvents[K]
  ): boolean {
    return Reflect.apply(super.emit, this, [event, ...args])
  }
}

function warnOfIneffective({ defaultHandshake, defaultHash, stream }: DiscoverySwarmStreamServerOptions): void {
  if (defaultHash === true)
    warnOnce(
      'SWARMWAY_COMPAT_HASH',
      'The option defaultHash has no effect: topics are 32 bytes and are not hashed again.'
    )
  if (defaultHandshake === true)
    warnOnce('SWARMWAY_COMPAT_HANDSHAKE', 'The option defaultHandshake has no effect: connections begin with Noise.')
  if (stream !== undefined)
    warnOnce('SWARMWAY_COMPAT_STREAM', 'The option stream has no effect on a server: it sees no plaintext.')
}

/** What `require` returns: the class, with all exports as its properties. */
const DiscoverySwarmStreamServerModule = /* @__PURE__ */ moduleExports(DiscoverySwarmStreamServer, () => ({
  DiscoverySwarmStreamServer
}))
type DiscoverySwarmStreamServerModule = DiscoverySwarmStreamServer

export { DiscoverySwarmStreamServer as default, DiscoverySwarmStreamServerModule as 'module.exports' }
