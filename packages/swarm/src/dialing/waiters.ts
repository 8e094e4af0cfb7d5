import { SwarmError } from '../errors.js'
import type { Connection } from '../network/connection.js'
import type { AbortSignalLike } from '../util/abort-signal.js'
import { check } from '../util/check.js'
import { type PublicKeyHex, publicKeyHex } from '../util/keys.js'
import { onAbort } from '../util/on-abort.js'

/** Options of `swarm.connect`. */
export interface ConnectCallOptions {
  /** Ends the call with ABORTED; a dial that nothing else wants ends too. Default: none. */
  signal?: AbortSignalLike | undefined
}

interface Waiter {
  resolve(connection: Connection): void
  reject(error: Error): void
}

/** Calls of `connect` that wait for a connection to a peer. */
export class Waiters {
  readonly #waiters = new Map<PublicKeyHex, Set<Waiter>>()

  has(publicKey: Uint8Array): boolean {
    return this.#waiters.size > 0 && this.#waiters.has(publicKeyHex(publicKey))
  }

  /** Settles with the peer's next connection or failed dial. `onLastAbort` is called when the last wait is aborted. */
  wait(publicKey: Uint8Array, signal: AbortSignalLike | undefined, onLastAbort: () => void): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const stopListening = onAbort(signal, () => {
        this.#remove(publicKey, waiter)
        reject(abortError(signal))
        if (!this.has(publicKey)) onLastAbort()
      })
      const waiter = {
        resolve: (connection: Connection) => {
          stopListening()
          resolve(connection)
        },
        reject: (error: Error) => {
          stopListening()
          reject(error)
        }
      }
      this.#add(publicKey, waiter)
    })
  }

  resolve(publicKey: Uint8Array, connection: Connection): void {
    for (const waiter of this.#take(publicKeyHex(publicKey))) waiter.resolve(connection)
  }

  reject(publicKey: Uint8Array, error: Error): void {
    for (const waiter of this.#take(publicKeyHex(publicKey))) waiter.reject(error)
  }

  rejectAll(error: Error): void {
    for (const key of [...this.#waiters.keys()]) for (const waiter of this.#take(key)) waiter.reject(error)
  }

  #add(publicKey: Uint8Array, waiter: Waiter): void {
    const key = publicKeyHex(publicKey)
    const waiters = this.#waiters.get(key) ?? new Set()
    this.#waiters.set(key, waiters.add(waiter))
  }

  #remove(publicKey: Uint8Array, waiter: Waiter): void {
    const key = publicKeyHex(publicKey)
    const waiters = this.#waiters.get(key)
    waiters?.delete(waiter)
    if (waiters?.size === 0) this.#waiters.delete(key)
  }

  #take(key: PublicKeyHex): Iterable<Waiter> {
    const waiters = this.#waiters.get(key) ?? []
    this.#waiters.delete(key)
    return waiters
  }
}

/** The error of a call ended by its signal. */
export function abortError(signal: AbortSignalLike | undefined): SwarmError {
  return new SwarmError('ABORTED', 'the call was aborted by its signal', { cause: signal?.reason })
}

/** Throws a `TypeError` unless the option `signal` is an AbortSignal or undefined. */
export function assertSignal(options: { readonly signal?: unknown }): void {
  check(
    options,
    'signal',
    'an AbortSignal',
    (value) => typeof value === 'object' && value !== null && 'aborted' in value
  )
}
