import { ProxyError, type SignBody } from '@swarmway/proxy-protocol'
import type { KeyPair, ServerOptions } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { RemoteServer, type ServerHost } from './remote-server.js'
import { keyTarget, signAnnouncement } from './signing.js'

/** What {@link RemoteServers} need of the node. */
export interface ServersHost extends Omit<ServerHost, 'serverOf' | 'onListening' | 'onClosed'> {
  /** The key pair that the application has asked to be announced there, if it has. */
  signerOf(target: Uint8Array, publicKey: Uint8Array): KeyPair | null | undefined
}

/** The servers of one node that listen, each on a key of its own. */
export class RemoteServers {
  readonly #host: ServersHost
  readonly #listening = new Set<RemoteServer>()

  constructor(host: ServersHost) {
    this.#host = host
  }

  get listening(): ReadonlySet<RemoteServer> {
    return this.#listening
  }

  create(options: ServerOptions): RemoteServer {
    const host: ServerHost = {
      ...this.#host,
      serverOf: (publicKey) => this.of(publicKey),
      onListening: (server) => void this.#listening.add(server),
      onClosed: (server) => void this.#listening.delete(server)
    }
    return new RemoteServer(host, options)
  }

  /** The one that listens on the key. */
  of(publicKey: Uint8Array): RemoteServer | null {
    for (const server of this.#listening)
      if (server.keyPair !== null && b4a.equals(server.keyPair.publicKey, publicKey)) return server
    return null
  }

  /** Tells a new session of the keys. */
  async register(): Promise<void> {
    await Promise.allSettled([...this.#listening].map((server) => server.register()))
  }

  /** Signs only what we asked to be announced: keys on topics, and the keys that we listen on. */
  sign(request: SignBody): Uint8Array {
    const { publicKey, target } = request
    const listening = b4a.equals(target, keyTarget(publicKey)) ? this.of(publicKey)?.keyPair : null
    const keyPair = this.#host.signerOf(target, publicKey) ?? listening
    if (keyPair == null) throw new ProxyError('AUTH_DENIED', 'this client did not ask for that to be announced')
    return signAnnouncement(request, keyPair)
  }
}
