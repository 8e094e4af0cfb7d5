import { ask, SERVER_REQUESTS, STREAM_KIND, VERDICT } from '@swarmway/proxy-protocol'
import type { ServerResources } from '../context/resources.js'
import { packetSized } from '../dht/handshake-size.js'
import type { DhtHandshake, DhtHandshakeResult, NoisePayload, RawStream } from '../dht/hyperdht.js'
import { encodePayload } from '../dht/native.js'
import { handshakeResult, readPayload } from '../dht/payload.js'
import { connectionFailed, plainly } from '../errors.js'
import { NativePump } from '../streams/native-pump.js'
import type { HandshakeSlot, LocalPeer } from './handshake-slots.js'

/** A finished handshake that knows its client. */
export interface AcceptedHandshake extends DhtHandshakeResult {
  /** Gives the connection to the client. */
  readonly accept: (raw: RawStream) => void
}

/** The responder's half of a handshake for HyperDHT; the client does the work. */
export class AcceptHandshake implements DhtHandshake {
  remotePublicKey: Uint8Array | null = null
  readonly #context: ServerResources
  readonly #owner: LocalPeer
  readonly #publicKey: Uint8Array
  #slot: HandshakeSlot | null = null
  #secret: Uint8Array | null = null

  /** `owner` is the client that listens on `publicKey`. */
  constructor(context: ServerResources, owner: LocalPeer, publicKey: Uint8Array) {
    this.#context = context
    this.#owner = owner
    this.#publicKey = publicKey
  }

  recv(message: Uint8Array): Promise<NoisePayload> {
    return this.#step(async (slot) => {
      const body = { id: slot.id, publicKey: this.#publicKey, message: packetSized(message) }
      const { client } = this.#owner
      const { payload, remotePublicKey, verdict } = await ask(
        client,
        SERVER_REQUESTS.ACCEPT_RECV,
        body,
        this.#requestOptions
      )
      if (verdict === VERDICT.IGNORE) throw connectionFailed('the client ignores this handshake')
      this.remotePublicKey = remotePublicKey
      const read = readPayload(payload, this.#context.addresses)
      // HyperDHT answers a payload without a stream with an error, and that answer carries the reason.
      if (verdict === VERDICT.REFUSE) read.udx = null
      return read
    })
  }

  async send(payload: NoisePayload): Promise<Uint8Array> {
    const message = await this.#step(async (slot) => {
      const body = { id: slot.id, bytes: encodePayload(payload) }
      const { client } = this.#owner
      const done = await ask(client, SERVER_REQUESTS.ACCEPT_SEND, body, this.#requestOptions)
      this.#secret = done.holepunchSecret
      return packetSized(done.bytes)
    })
    this.#slot?.release()
    return message
  }

  final(): AcceptedHandshake {
    if (this.#secret === null) throw connectionFailed('the handshake is not finished')
    const result = handshakeResult(false, this.#publicKey, this.remotePublicKey, this.#secret)
    return { ...result, accept: (raw) => this.#accept(raw) }
  }

  get #requestOptions() {
    return { timeoutMs: this.#context.limits.peerHandshakeTimeoutMs }
  }

  #step<T>(task: (slot: HandshakeSlot) => Promise<T>): Promise<T> {
    return plainly(async () => {
      this.#slot ??= this.#owner.handshakeSlots.reserve()
      try {
        return await task(this.#slot)
      } catch (error) {
        this.#slot.release()
        throw error
      }
    })
  }

  #accept(raw: RawStream): void {
    const { budget, clock, counters } = this.#context
    const { client } = this.#owner
    try {
      const stream = client.openStream({ kind: STREAM_KIND.ACCEPT, id: this.#slot?.id ?? 0 })
      new NativePump(raw, stream, { ...client.limits, owner: client, budget, clock })
      counters.dhtConnections++
    } catch {
      // The client is gone or has too many streams; the peer sees its connection end.
      raw.destroy()
    }
  }
}
