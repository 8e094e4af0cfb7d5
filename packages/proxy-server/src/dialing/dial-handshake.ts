import { ask, ProxyError, SERVER_REQUESTS } from '@swarmway/proxy-protocol'
import type { Client } from '../client/client.js'
import type { AddressPolicy } from '../dht/addresses.js'
import { MAX_HANDSHAKE_BYTES, packetSized } from '../dht/handshake-size.js'
import type { DhtHandshake, DhtHandshakeResult, NoisePayload } from '../dht/hyperdht.js'
import { encodePayload } from '../dht/native.js'
import { handshakeResult, readPayload } from '../dht/payload.js'
import { connectionFailed, withCode } from '../errors.js'
import type { PacketBudget } from './packet-budget.js'

/** Bytes of a frame around its payload. */
const FRAME_BYTES = 10

/** Options of a dial's handshake. */
export interface DialHandshakeOptions {
  readonly client: Client
  readonly dialId: number
  readonly publicKey: Uint8Array
  readonly addresses: AddressPolicy
  readonly budget: PacketBudget
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** The client has recognised the peer's answer. */
  onAnswered(): void
  /** The client could not do its part, so continuing is pointless. */
  onFailed(error: Error): void
}

/** The initiator's half of a handshake for HyperDHT; the client does the work. */
export class DialHandshake implements DhtHandshake {
  readonly remotePublicKey: Uint8Array
  readonly #options: DialHandshakeOptions
  /** The answer being read, or the last one read. */
  #reading: Promise<unknown> = Promise.resolve()
  #isOver = false
  #secret: Uint8Array | null = null

  constructor(options: DialHandshakeOptions) {
    this.#options = options
    this.remotePublicKey = options.publicKey
  }

  send(payload: NoisePayload): Promise<Uint8Array> {
    return this.#orFail(async () => {
      const { budget, client, dialId, timeoutMs, signal } = this.#options
      const body = { id: dialId, bytes: encodePayload(payload) }
      const message = packetSized(await ask(client, SERVER_REQUESTS.DIAL_SEND, body, { timeoutMs, signal }))
      budget.earn(message.byteLength + FRAME_BYTES)
      return message
    })
  }

  /**
   * HyperDHT asks several nodes at once. The peer's first answer counts; later ones need no work. An answer that the
   * client does not recognise ends the route through that node, but not the dial.
   */
  recv(message: Uint8Array): Promise<NoisePayload | null> {
    const read = this.#reading.then(() => (this.#isOver ? null : this.#orFail(() => this.#read(message))))
    this.#reading = read.catch(ignore)
    return read
  }

  final(): DhtHandshakeResult {
    if (this.#secret === null) throw connectionFailed('the handshake is not finished')
    return handshakeResult(true, this.#options.publicKey, this.remotePublicKey, this.#secret)
  }

  async #read(message: Uint8Array): Promise<NoisePayload | null> {
    const { addresses, budget, client, dialId, timeoutMs, signal } = this.#options
    if (message.byteLength > MAX_HANDSHAKE_BYTES) return null
    const body = { id: dialId, bytes: message }
    const done = await ask(client, SERVER_REQUESTS.DIAL_RECV, body, { timeoutMs, signal }).catch(nullIfMalformed)
    if (done === null) return null
    budget.earn(done.bytes.byteLength + done.holepunchSecret.byteLength + FRAME_BYTES)
    this.#isOver = true
    this.#options.onAnswered()
    this.#secret = done.holepunchSecret
    return readPayload(done.bytes, addresses)
  }

  async #orFail<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task()
    } catch (error) {
      const failure = withCode(error, 'INTERNAL')
      this.#isOver = true
      this.#options.onFailed(failure)
      throw failure
    }
  }
}

function nullIfMalformed(error: unknown): null {
  if (error instanceof ProxyError && error.remote && error.code === 'HANDSHAKE_MALFORMED') return null
  throw error
}

function ignore(): void {}
