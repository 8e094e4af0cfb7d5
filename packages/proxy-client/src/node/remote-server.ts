import { ask, CLIENT_REQUESTS, ProxyError, VERDICT, type Verdict } from '@swarmway/proxy-protocol'
import { reasonOf, trace } from '@swarmway/runtime'
import type { Address, Connection, KeyPair, NodeHandshake, ServerOptions } from '@swarmway/swarm/core'
import { createPlainHandshake, SwarmError, TypedEmitter } from '@swarmway/swarm/core'
import type { Challenge } from '../uplink/session/current-session.js'
import type { Channel } from './channel.js'
import { type OpaquePayload, opaqueCodec } from './payload.js'
import type { RemoteDhtServer } from './remote-dht.js'
import { signListenProof } from './signing.js'
import { assertKeyPair } from './verify-calls.js'

/** The decision about a handshake. */
export interface Decision {
  readonly verdict: Verdict
  readonly handshake: NodeHandshake
  readonly remotePublicKey: Uint8Array
  readonly payload: OpaquePayload
}

/** What a {@link RemoteServer} needs. */
export interface ServerHost {
  readonly channel: Channel
  readonly defaultKeyPair: KeyPair
  /** The server of the node that listens on the key. */
  serverOf(publicKey: Uint8Array): RemoteServer | null
  challenge(): Challenge | null
  onListening(server: RemoteServer): void
  onClosed(server: RemoteServer): void
  /** The proxy server does not listen on the key for us (any more). */
  onLost(publicKey: Uint8Array, error: ProxyError): void
  /** The proxy server listens on the key again. */
  onRegained(): void
}

/** Codes that refuse a key permanently: trying again in the same session is pointless. */
const KEY_REFUSED: ReadonlySet<string> = new Set(['KEY_TAKEN', 'WRONG_SERVER'])

/** Events of a {@link RemoteServer}; the same as those of HyperDHT's server. */
interface RemoteServerEvents {
  connection: [connection: Connection]
  listening: []
  close: []
}

/** Accepts connections on a key through the proxy server, which never holds the key. */
export class RemoteServer extends TypedEmitter<RemoteServerEvents> implements RemoteDhtServer {
  closed = false
  keyPair: KeyPair | null = null
  /** Whether the proxy server refused the key or gave it to a newer session. */
  isLost = false
  readonly #host: ServerHost
  readonly #options: ServerOptions
  #isSuspended = false

  constructor(host: ServerHost, options: ServerOptions) {
    super()
    this.#host = host
    this.#options = options
  }

  get listening(): boolean {
    return this.keyPair !== null
  }

  /** The key it listens on, null before `listen`. */
  get publicKey(): Uint8Array | null {
    return this.keyPair?.publicKey ?? null
  }

  /** Null before `listen`. There is no host or port: the key is reached through the proxy server. */
  address(): { publicKey: Uint8Array; host: null; port: number } | null {
    return this.keyPair && { publicKey: this.keyPair.publicKey, host: null, port: 0 }
  }

  /** The proxy server knows where the key can be reached. */
  get relayAddresses(): Address[] {
    return []
  }

  /**
   * Listens on the key; a second time with the same key only asks the proxy server again. Rejects with DESTROYED after
   * `close`, ALREADY_LISTENING, KEYPAIR_ALREADY_USED if another server of this node listens on it, or as the proxy
   * server refuses.
   */
  async listen(keyPair: KeyPair = this.#host.defaultKeyPair): Promise<this> {
    if (this.closed) throw new SwarmError('DESTROYED', 'this server was closed')
    assertKeyPair(keyPair)
    this.#assertFree(keyPair.publicKey)
    this.keyPair = keyPair
    this.#host.onListening(this)
    await this.register()
    if (!this.closed) this.emit('listening')
    return this
  }

  #assertFree(publicKey: Uint8Array): void {
    const user = this.#host.serverOf(publicKey)
    if (user === this) return
    if (user !== null) throw new ProxyError('KEYPAIR_ALREADY_USED', 'another server of this node listens on the key')
    if (this.keyPair !== null) throw new ProxyError('ALREADY_LISTENING', 'this server listens on another key already')
  }

  /** Tells the current session that we listen. Every new session has to be told. */
  async register(): Promise<void> {
    const { keyPair } = this
    const { channel } = this.#host
    if (keyPair === null || this.closed || this.#isSuspended) return
    const challenge = this.#host.challenge()
    // Without a session there is no nonce yet: the next session calls this again.
    if (challenge === null) return channel.whenOpen().then(() => this.register())
    const proof = signListenProof(challenge, keyPair)
    const body = { publicKey: keyPair.publicKey, proof, serverName: challenge.serverName }
    try {
      await ask(channel, CLIENT_REQUESTS.LISTEN, body)
    } catch (error) {
      if (error instanceof ProxyError && error.remote && KEY_REFUSED.has(error.code)) this.lose(error)
      throw error
    }
    this.#regain()
  }

  /** The proxy server refused the key or gave it to another client. */
  lose(error: ProxyError): void {
    if (this.keyPair === null || this.closed || this.isLost) return
    this.isLost = true
    trace.client?.('key-lost', { key: this.keyPair.publicKey, ...reasonOf(error) })
    this.#host.onLost(this.keyPair.publicKey, error)
  }

  #regain(): void {
    if (!this.isLost) return
    this.isLost = false
    this.#host.onRegained()
  }

  async suspend(): Promise<void> {
    this.#isSuspended = true
    await this.#unregister()
  }

  async resume(): Promise<void> {
    if (!this.#isSuspended) return
    this.#isSuspended = false
    const registered = this.register()
    // The next link may never come, and until then a further suspension, or the end, must not wait.
    if (this.#host.channel.session?.attached !== true) registered.catch(ignore)
    else await registered
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    // Until the announcement is withdrawn: that takes signatures, which are made for the host's keys only.
    if (!this.#isSuspended) await this.#unregister()
    this.#host.onClosed(this)
    this.emit('close')
  }

  /** The proxy server refreshes its announcements on its own. */
  refresh(): void {}

  /** Reads a handshake message and decides about it, like the server of a DHT node. */
  async decide(message: Uint8Array): Promise<Decision | null> {
    const { createHandshake, firewall } = this.#options
    if (this.keyPair === null || this.closed || this.#isSuspended) return null
    const handshake = createHandshake?.(this.keyPair, null) ?? createPlainHandshake(this.keyPair, null, opaqueCodec)
    const payload = (await handshake.recv(message)) as OpaquePayload | null
    const { remotePublicKey } = handshake
    if (payload === null || remotePublicKey === null) return null
    if ((await firewall?.(remotePublicKey, payload, null)) === true) return null
    const verdict = payload.isRefused ? VERDICT.REFUSE : VERDICT.ACCEPT
    return { verdict, handshake, remotePublicKey, payload }
  }

  /** Resolves when the server has withdrawn the key; at once without a link, as the next one may never come. */
  async #unregister(): Promise<void> {
    const { keyPair } = this
    const { session } = this.#host.channel
    if (keyPair === null || session === null) return
    const done = ask(session, CLIENT_REQUESTS.UNLISTEN, keyPair.publicKey).catch(ignore)
    if (session.attached) await done
  }
}

function ignore(): void {}
