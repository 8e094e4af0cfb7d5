import type NoiseSecretStream from '@hyperswarm/secret-stream'
import {
  ask,
  CLIENT_NOTICES,
  CLIENT_REQUESTS,
  type GivenAnswer,
  type PeerStream,
  ProxyError,
  type SERVER_REQUESTS,
  tell
} from '@swarmway/proxy-protocol'
import {
  type Clock,
  type Connection,
  type ConnectOptions,
  createPlainHandshake,
  type KeyPair,
  type NodeHandshake,
  withPaths
} from '@swarmway/swarm/core'
import type { Channel } from './channel.js'
import { type OpaquePayload, opaque, opaqueCodec } from './payload.js'
import { asConnection, type FinishedHandshake, finish, pendingConnection } from './secret.js'
import { assertKeyPair } from './verify-calls.js'

interface HandshakePart {
  readonly id: number
  readonly bytes: Uint8Array
}

interface PendingDial {
  readonly createHandshake: () => NodeHandshake
  /** The latest: a new one for each message. */
  handshake: NodeHandshake
  readonly connection: NoiseSecretStream
  /** Number of handshake messages that the server has had. */
  sent: number
  /** Number of answers that are not from the peer. */
  wrongAnswers: number
  finished: FinishedHandshake | null
}

/** A dial asks about 30 nodes at most; each wrong answer costs a key exchange. */
const MAX_WRONG_ANSWERS = 64

/** The server may try a second way with a message of its own; more would only serve a server that lies. */
const MAX_MESSAGES = 2

/** Connections that we dial through the server: it finds the path, the handshake is made here. */
export class RemoteDials {
  readonly #channel: Channel
  readonly #keepAliveMs: number
  readonly #clock: Clock
  readonly #dials = new Map<number, PendingDial>()
  #lastId = 0

  constructor(channel: Channel, keepAliveMs: number, clock: Clock) {
    this.#channel = channel
    this.#clock = clock
    this.#keepAliveMs = keepAliveMs
  }

  connect(publicKey: Uint8Array, options: ConnectOptions, defaultKeyPair: KeyPair): Connection {
    const { createHandshake, keyPair = defaultKeyPair } = options
    assertKeyPair(keyPair)
    const connection = pendingConnection(keyPair, publicKey, this.#keepAliveMs)
    const create = () => createHandshake?.(keyPair, publicKey) ?? createPlainHandshake(keyPair, publicKey, opaqueCodec)
    this.#lastId = (this.#lastId + 1) >>> 0
    const dialId = this.#lastId
    const pending = { createHandshake: create, handshake: create(), sent: 0, wrongAnswers: 0, finished: null }
    this.#dials.set(dialId, { ...pending, connection })
    connection.once('close', () => this.#onClose(dialId))
    const addresses = options.relayAddresses ?? []
    const asked = ask(this.#channel, CLIENT_REQUESTS.CONNECT, { dialId, publicKey, addresses })
    asked.catch((error) => this.#fail(dialId, error))
    return asConnection(connection)
  }

  /**
   * The server asks for our handshake message; once more if the first way to the peer has failed. Answers to the first one
   * do not count any more, so that the dial leads to one connection at most.
   */
  send({ id, bytes }: HandshakePart): Uint8Array {
    const dial = this.#get(id)
    if (dial.sent >= MAX_MESSAGES || dial.finished !== null)
      throw new ProxyError('BAD_REQUEST', 'no further handshake message of this dial is due')
    if (dial.sent > 0) dial.handshake = dial.createHandshake()
    dial.sent++
    return dial.handshake.send(opaque(bytes)) as Uint8Array
  }

  /**
   * The server delivers an answer. One that is not from the peer is refused with HANDSHAKE_MALFORMED, and ends only the
   * path on which it came.
   */
  receive({ id, bytes }: HandshakePart): GivenAnswer<typeof SERVER_REQUESTS.DIAL_RECV> {
    const dial = this.#get(id)
    if (dial.sent === 0 || dial.finished !== null) throw new ProxyError('BAD_REQUEST', 'no answer is due for this dial')
    const payload = this.#read(dial, bytes)
    dial.finished = finish(dial.handshake)
    return { holepunchSecret: dial.finished.holepunchSecret, bytes: payload.bytes }
  }

  /** The peer of a dial is another client of the server, and their links show that they live. */
  setLocal(id: number): void {
    const dial = this.#dials.get(id)
    if (dial !== undefined) asConnection(dial.connection).setKeepAlive(0)
  }

  /** The server has reached the peer: the connection opens. */
  open(id: number, stream: PeerStream): void {
    const dial = this.#get(id)
    if (dial.finished === null) throw new ProxyError('BAD_REQUEST', 'the handshake of this dial is not finished')
    this.#dials.delete(id)
    dial.connection.start(withPaths(stream, dial.finished, this.#clock), { handshake: dial.finished })
  }

  /** The session and all its dials are lost. */
  failAll(error: Error): void {
    for (const id of [...this.#dials.keys()]) this.#fail(id, error)
  }

  #read(dial: PendingDial, message: Uint8Array): OpaquePayload {
    try {
      const payload = dial.handshake.recv(message) as OpaquePayload | null
      if (payload !== null) return payload
    } catch (error) {
      // The peer did answer, but wrongly.
      dial.connection.destroy(error as Error)
    }
    const error = new ProxyError('HANDSHAKE_MALFORMED', 'the answer is not a handshake of the peer that was dialled')
    dial.wrongAnswers++
    if (dial.wrongAnswers > MAX_WRONG_ANSWERS) dial.connection.destroy(error)
    throw error
  }

  #get(id: number): PendingDial {
    const dial = this.#dials.get(id)
    if (dial === undefined) throw new ProxyError('NOT_FOUND', 'there is no such dial')
    return dial
  }

  #fail(id: number, error: Error): void {
    const dial = this.#dials.get(id)
    this.#dials.delete(id)
    dial?.connection.destroy(error)
  }

  #onClose(id: number): void {
    if (this.#dials.delete(id)) tell(this.#channel, CLIENT_NOTICES.CONNECT_CANCEL, id)
  }
}
