import b4a from 'b4a'
import type { Client } from '../client/client.js'
import type { ServerResources } from '../context/resources.js'
import { keyTaken } from '../errors.js'
import type { LocalPeer } from './handshake-slots.js'
import { type KeyOwner, Listener } from './listener.js'

/** The keys on which clients of this server listen. */
export class Listeners {
  readonly #context: ServerResources
  readonly #connectsClients: boolean
  readonly #onKey: (publicKey: Uint8Array, client: Client | null) => void
  readonly #listeners = new Map<string, Listener>()
  /** By the place in the DHT where the key is announced. */
  readonly #byTarget = new Map<string, Listener>()
  readonly #closing = new Map<string, Promise<void>>()

  /** With `connectsClients` false, no client is a local peer. `onKey` hears which client has a key; null if none. */
  constructor(
    context: ServerResources,
    connectsClients: boolean,
    onKey: (publicKey: Uint8Array, client: Client | null) => void = ignore
  ) {
    this.#context = context
    this.#connectsClients = connectsClients
    this.#onKey = onKey
  }

  /**
   * Gives the key to a client that has proved to hold it. Resolves when it is announced, or earlier if the queue is
   * long. Rejects with `KEY_TAKEN` if a newer session has it: a late proof takes nothing away from that session.
   */
  async listen(owner: KeyOwner, publicKey: Uint8Array): Promise<void> {
    const key = b4a.toString(publicKey, 'hex')
    const known = this.#listeners.get(key)
    if (known !== undefined && known.owner.serial > owner.serial) throw keyTaken()
    const listener = known ?? new Listener(this.#context, publicKey, owner, this.#closing.get(key))
    this.#listeners.set(key, listener)
    this.#byTarget.set(listener.target, listener)
    this.#onKey(publicKey, owner.client)
    listener.transfer(owner)
    try {
      await listener.registered
    } catch (error) {
      if (this.#listeners.get(key) === listener) this.#forget(key, listener)
      throw error
    }
    if (listener.owner !== owner) throw keyTaken()
  }

  /** Ends a client's listener, unless another client owns the key by now. */
  async release(owner: KeyOwner, publicKey: Uint8Array): Promise<void> {
    const key = b4a.toString(publicKey, 'hex')
    const listener = this.#listeners.get(key)
    if (listener === undefined || listener.owner !== owner) return
    this.#forget(key, listener)
    const closed = listener.close().catch(ignore)
    this.#closing.set(key, closed)
    await closed
    if (this.#closing.get(key) === closed) this.#closing.delete(key)
  }

  /** The keys that no DHT node knows any more. */
  forgotten(): Listener[] {
    return [...this.#listeners.values()].filter((listener) => listener.isForgotten)
  }

  /** Announces all keys again: the DHT answers again, and may have forgotten them. */
  announceAgain(): void {
    for (const listener of this.#listeners.values()) listener.announceAgain()
  }

  /** The listener of a key. */
  get(publicKey: Uint8Array): Listener | null {
    return this.#listeners.get(b4a.toString(publicKey, 'hex')) ?? null
  }

  /** The client that listens on a key; null if this server does not connect clients. */
  localPeer(publicKey: Uint8Array): LocalPeer | null {
    return this.#connectsClients ? (this.get(publicKey)?.owner ?? null) : null
  }

  /** The listener of the key that is announced at this place in the DHT; null if this server does not connect clients. */
  localAt(target: Uint8Array): Listener | null {
    return this.#connectsClients ? (this.#byTarget.get(b4a.toString(target, 'hex')) ?? null) : null
  }

  #forget(key: string, { publicKey, target }: Listener): void {
    this.#listeners.delete(key)
    this.#byTarget.delete(target)
    this.#onKey(publicKey, null)
  }
}

function ignore(): void {}
