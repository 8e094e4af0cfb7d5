import {
  type ListenBody,
  listenProofMessage,
  type ProxyError,
  printable,
  SERVER_NOTICES,
  tell,
  toServerName,
  withoutStack
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { Client } from '../client/client.js'
import type { ClientIdentity } from '../client/identity.js'
import type { ServerServices } from '../context/services.js'
import { verifySignature } from '../dht/native.js'
import { cancelled, denied, keyTaken } from '../errors.js'
import type { HandshakeSlots } from './handshake-slots.js'
import type { KeyOwner } from './listener.js'

/** A LISTEN that waits for its turn. */
interface WaitingListen {
  readonly key: string
  /** Settles when the client's proof has been checked. */
  readonly proved: Promise<void>
  /** Whether the client has changed its mind. */
  isOver: boolean
}

/** The keys of one client. */
export class Keys implements KeyOwner {
  readonly client: Client
  readonly handshakeSlots: HandshakeSlots
  readonly #context: ServerServices
  readonly #identity: ClientIdentity
  readonly #onLost: (publicKey: Uint8Array) => void
  readonly #keys = new Map<string, Uint8Array>()
  readonly #waiting = new Set<WaitingListen>()

  /** Calls `onLost` with every key that the client loses. */
  constructor(
    context: ServerServices,
    client: Client,
    handshakeSlots: HandshakeSlots,
    identity: ClientIdentity,
    onLost: (publicKey: Uint8Array) => void
  ) {
    this.#context = context
    this.client = client
    this.handshakeSlots = handshakeSlots
    this.#identity = identity
    this.#onLost = onLost
  }

  get serial(): number {
    return this.#identity.serial
  }

  /** Whether the client has proved that it holds the key, and listens on it. */
  has(publicKey: Uint8Array): boolean {
    return this.#keys.has(b4a.toString(publicKey, 'hex'))
  }

  /** The keys. */
  list(): Uint8Array[] {
    return [...this.#keys.values()]
  }

  /** Whether the client holds the key, once a LISTEN on it that waits for its turn has had it. */
  async holds(publicKey: Uint8Array): Promise<boolean> {
    const key = b4a.toString(publicKey, 'hex')
    await Promise.allSettled([...this.#waiting].filter((waiter) => waiter.key === key).map(({ proved }) => proved))
    return this.has(publicKey)
  }

  /** Handles LISTEN. */
  async listen(body: ListenBody): Promise<void> {
    const { publicKey } = body
    this.client.countListen()
    // Without a pause if none is needed: the client may announce the key in the same breath.
    const turn = this.#context.signatureChecks.turn(this.client, this.client.signal)
    if (turn === null) this.#prove(body)
    else await this.#proveInTurn(body, turn)
    try {
      await this.#context.listeners.listen(this, publicKey)
    } catch (error) {
      this.#forget(publicKey)
      throw error
    }
  }

  /** Handles UNLISTEN. */
  async unlisten(publicKey: Uint8Array): Promise<void> {
    const key = b4a.toString(publicKey, 'hex')
    for (const waiter of this.#waiting) if (waiter.key === key) waiter.isOver = true
    if (this.#forget(publicKey)) await this.#context.listeners.release(this, publicKey)
  }

  /** Releases all keys. */
  async destroy(): Promise<void> {
    await Promise.all(this.list().map((publicKey) => this.unlisten(publicKey)))
  }

  /** From a listener. */
  onKeyLost(publicKey: Uint8Array): void {
    if (!this.#forget(publicKey)) return
    tell(this.client, SERVER_NOTICES.KEY_LOST, { publicKey, error: keyTaken() })
  }

  #prove({ publicKey, proof, serverName = '' }: ListenBody): void {
    const { clientNonce, serverNonce } = this.#identity
    if (!verifySignature(proof, listenProofMessage(serverNonce, publicKey, { clientNonce, serverName }), publicKey))
      throw denied('the proof for this key is not valid')
    assertNamed(serverName, this.#context.names, this.client.host)
    const { maxKeys } = this.client.limits
    if (!this.has(publicKey) && this.#keys.size >= maxKeys) throw this.client.atLimit('maxKeys', 'keys')
    this.#keys.set(b4a.toString(publicKey, 'hex'), publicKey)
  }

  /** Waits for the turn of a LISTEN. An UNLISTEN that comes meanwhile ends it. */
  async #proveInTurn(body: ListenBody, turn: Promise<void>): Promise<void> {
    const proved = turn.then(() => {
      if (waiter.isOver) throw cancelled('the request to listen')
      this.#prove(body)
    })
    const waiter: WaitingListen = { key: b4a.toString(body.publicKey, 'hex'), proved, isOver: false }
    this.#waiting.add(waiter)
    try {
      await proved
    } finally {
      this.#waiting.delete(waiter)
    }
  }

  #forget(publicKey: Uint8Array): boolean {
    const had = this.#keys.delete(b4a.toString(publicKey, 'hex'))
    if (had) this.#onLost(publicKey)
    return had
  }
}

/**
 * Refuses a proof that was made for another server: otherwise a server that receives a proof could replay it to this
 * one. `names` are the server's configured names; without them, the `host` that the client asked for is used, if it
 * is known. That is weaker, because a client other than a browser can send any Host header.
 * @throws ProxyError `WRONG_SERVER`
 */
export function assertNamed(signed: string, names: readonly string[], host: string | null): void {
  const name = toServerName(signed)
  if (names.length > 0) {
    if (!names.includes(name)) throw wrongServer(name, names.join(', '))
  } else if (name !== '' && host !== null && name !== toServerName(host)) throw wrongServer(name, toServerName(host))
}

function wrongServer(signed: string, own: string): ProxyError {
  const said = signed === '' ? 'names no server' : `is for the server ${printable(signed)}`
  const message = `the proof for this key ${said}, but this server is ${own}: connect by that name, or have the server add yours to its names`
  return withoutStack('WRONG_SERVER', message)
}
