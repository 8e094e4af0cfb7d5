import { bytesBody, handshakeBody, handshakeDoneBody, SERVER_REQUEST } from '@swarmway/proxy-protocol'
import type { Client } from '../client.js'
import type { AddressPolicy } from '../dht/addresses.js'
import { encodePayload } from '../dht/native.js'
import { handshakeResult, readPayload } from '../dht/payload.js'
import { connectionFailed, withCode } from '../errors.js'
import type { DhtHandshake, DhtHandshakeResult, NoisePayload } from '../types/hyperdht.js'

/** What a dial's handshake needs to know. */
export interface DialHandshakeOptions {
  readonly client: Client
  readonly dialId: number
  readonly publicKey: Uint8Array
  readonly addresses: AddressPolicy
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** The client could not do its part, so there is no use in going on. */
  onFailed(error: Error): void
}

/** The initiator's half of a handshake for HyperDHT; the client does the work. */
export class DialHandshake implements DhtHandshake {
  readonly remotePublicKey: Uint8Array
  readonly #options: DialHandshakeOptions
  #answer: Promise<NoisePayload | null> | null = null
  #secret: Uint8Array | null = null

  constructor(options: DialHandshakeOptions) {
    this.#options = options
    this.remotePublicKey = options.publicKey
  }

  send(payload: NoisePayload): Promise<Uint8Array> {
    return this.#orFail(async () => {
      const { client, dialId, timeoutMs, signal } = this.#options
      const body = handshakeBody.encode({ id: dialId, bytes: encodePayload(payload) })
      return client.request(SERVER_REQUEST.DIAL_SEND, body, bytesBody, { timeoutMs, signal })
    })
  }

  /** HyperDHT asks several nodes at once. The first answer counts; for those after it there is nothing to do. */
  async recv(message: Uint8Array): Promise<NoisePayload | null> {
    if (this.#answer !== null) return null
    this.#answer = this.#orFail(() => this.#read(message))
    return this.#answer
  }

  final(): DhtHandshakeResult {
    if (this.#secret === null) throw connectionFailed('the handshake is not finished')
    return handshakeResult(true, this.#options.publicKey, this.remotePublicKey, this.#secret)
  }

  async #read(message: Uint8Array): Promise<NoisePayload> {
    const { addresses, client, dialId, timeoutMs, signal } = this.#options
    const body = handshakeBody.encode({ id: dialId, bytes: message })
    const done = await client.request(SERVER_REQUEST.DIAL_RECV, body, handshakeDoneBody, { timeoutMs, signal })
    this.#secret = done.holepunchSecret
    return readPayload(done.bytes, addresses)
  }

  async #orFail<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task()
    } catch (error) {
      const failure = withCode(error, 'INTERNAL')
      this.#options.onFailed(failure)
      throw failure
    }
  }
}
