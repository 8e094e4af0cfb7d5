import {
  acceptBody,
  bytesBody,
  handshakeBody,
  handshakeDoneBody,
  ProxyError,
  SERVER_REQUEST,
  signatureBody,
  signBody,
  type VERDICT,
  verdictBody
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { Handshake, type HandshakeKeys } from './crypto.js'

/** What the handshakes of a scripted client depend on. */
export interface HandshakeOwner {
  readonly keyPair: HandshakeKeys
  /** About the peers that dial it. */
  readonly verdict: (typeof VERDICT)[keyof typeof VERDICT]
  /** Handshakes of peers wait for it. */
  readonly ready: Promise<unknown>
}

/** The handshakes and signatures of a scripted client, as a well-behaved one makes them. */
export class ClientHandshakes {
  readonly #owner: HandshakeOwner
  readonly #handshakes = new Map<string, Handshake>()
  readonly #dialled = new Map<number, Uint8Array>()

  constructor(owner: HandshakeOwner) {
    this.#owner = owner
  }

  /** The handshakes of peers that dialled it, in order. */
  get accepted(): Handshake[] {
    return [...this.#handshakes].filter(([key]) => key.startsWith('1:')).map(([, handshake]) => handshake)
  }

  /** The client dials. */
  begin(dialId: number, publicKey: Uint8Array): void {
    this.#dialled.set(dialId, publicKey)
  }

  get(kind: 0 | 1, id: number): Handshake {
    const handshake = this.#handshakes.get(`${kind}:${id}`)
    if (handshake === undefined) throw new Error(`no handshake ${kind}:${id}`)
    return handshake
  }

  /** Answers a request of the server. */
  async answer(op: number, body: Uint8Array): Promise<Uint8Array> {
    if (op === SERVER_REQUEST.SIGN) return this.#sign(body)
    if (op === SERVER_REQUEST.ACCEPT_RECV) {
      await this.#owner.ready
      return this.#acceptReceive(body)
    }
    const { id, bytes } = handshakeBody.decode(body)
    if (op === SERVER_REQUEST.DIAL_SEND) return bytesBody.encode(this.#dialHandshake(id).send(bytes))
    const handshake = this.get(op === SERVER_REQUEST.ACCEPT_SEND ? 1 : 0, id)
    const result = op === SERVER_REQUEST.ACCEPT_SEND ? handshake.send(bytes) : handshake.receive(bytes)
    return handshakeDoneBody.encode({ holepunchSecret: handshake.holepunchSecret, bytes: result })
  }

  /** A new one for each message of the dial. */
  #dialHandshake(id: number): Handshake {
    const publicKey = this.#dialled.get(id)
    if (publicKey !== undefined) this.#handshakes.set(`0:${id}`, new Handshake(this.#owner.keyPair, publicKey))
    return this.get(0, id)
  }

  #sign(body: Uint8Array): Uint8Array {
    const { keyPair } = this.#owner
    const fields = signBody.decode(body)
    if (!b4a.equals(fields.publicKey, keyPair.publicKey)) throw new ProxyError('AUTH_DENIED', 'not my key')
    return signatureBody.encode(Handshake.signAnnouncement(fields, keyPair))
  }

  #acceptReceive(body: Uint8Array): Uint8Array {
    const { id, message } = acceptBody.decode(body)
    const handshake = new Handshake(this.#owner.keyPair, null)
    this.#handshakes.set(`1:${id}`, handshake)
    const payload = handshake.receive(message)
    const { verdict } = this.#owner
    return verdictBody.encode({ verdict, remotePublicKey: handshake.remotePublicKey, payload })
  }
}
