import type { Address, NodeHandshake, NodeServer, ServerOptions } from '../../src/network/dht-node.js'
import { type KeyPair, publicKeyHex } from '../../src/util/keys.js'
import { FakeConnection } from './fake-connection.js'
import type { FakeNetwork } from './fake-network.js'

/** The accepting side of a dial, as the dialling side sees it. */
export type Answer =
  | { readonly message: Uint8Array | null; readonly connection: FakeConnection | null }
  /** The server left the handshake unanswered. */
  | null

/** A server of a fake node. */
export class FakeServer implements NodeServer {
  closed = false
  listening = false
  suspended = false
  refreshes = 0
  readonly relayAddresses: Address[] = []
  readonly #network: FakeNetwork
  readonly #options: ServerOptions
  readonly #listeners: Array<(connection: never) => void> = []
  #keyPair: KeyPair | null = null

  constructor(network: FakeNetwork, options: ServerOptions, onConnection: (connection: never) => void) {
    this.#network = network
    this.#options = options
    this.#listeners.push(onConnection)
  }

  get options(): ServerOptions {
    return this.#options
  }

  get hasHandshake(): boolean {
    return this.#options.createHandshake !== undefined
  }

  async listen(keyPair: KeyPair): Promise<void> {
    await Promise.resolve()
    if (this.closed) throw new Error('the server is closed')
    this.#keyPair = keyPair
    this.listening = true
    this.#update()
  }

  async suspend(): Promise<void> {
    this.suspended = true
    this.#update()
    await this.#network.whenLit()
  }

  async resume(): Promise<void> {
    this.suspended = false
    this.#update()
  }

  async close(): Promise<void> {
    this.closed = true
    this.listening = false
    this.#update()
    await this.#network.whenLit()
  }

  refresh(): void {
    this.refreshes++
  }

  on(_event: 'connection', listener: (connection: never) => void): this {
    this.#listeners.push(listener)
    return this
  }

  /** Makes the server report a connection that no dial of this network made. */
  emit(connection: FakeConnection): void {
    for (const listener of this.#listeners) listener(connection as never)
  }

  /** A first handshake message arrived: `message` is null if neither side does handshakes. */
  async answer(from: Uint8Array, message: Uint8Array | null): Promise<Answer> {
    const handshake = this.#createHandshake()
    const payload = handshake === null ? {} : await received(handshake, message)
    if (payload === null) return null
    const remotePublicKey = handshake?.remotePublicKey ?? from
    if (await this.#refuses(remotePublicKey, payload)) return null
    const isRefused = 'isRefused' in payload
    const reply = handshake === null ? null : await handshake.send({ from: 'server', isRefused })
    if (isRefused || this.closed || this.suspended) return { message: reply, connection: null }
    return { message: reply, connection: this.#accept(remotePublicKey) }
  }

  #createHandshake(): NodeHandshake | null {
    return this.#keyPair === null ? null : (this.#options.createHandshake?.(this.#keyPair, null) ?? null)
  }

  async #refuses(remotePublicKey: Uint8Array, payload: object): Promise<boolean> {
    return (await this.#options.firewall?.(remotePublicKey, payload, null)) === true
  }

  #accept(remotePublicKey: Uint8Array): FakeConnection {
    const publicKey = this.#keyPair?.publicKey ?? new Uint8Array(32)
    const connection = new FakeConnection(publicKey, remotePublicKey, false, this.#network.post)
    this.emit(connection)
    return connection
  }

  #update(): void {
    if (this.#keyPair === null) return
    const key = publicKeyHex(this.#keyPair.publicKey)
    if (this.listening && !this.suspended) this.#network.servers.set(key, this)
    else if (this.#network.servers.get(key) === this) this.#network.servers.delete(key)
  }
}

/** As in HyperDHT, an invalid handshake gets no answer. */
async function received(handshake: NodeHandshake, message: Uint8Array | null): Promise<object | null> {
  try {
    return message === null ? null : await handshake.recv(message)
  } catch {
    return null
  }
}
