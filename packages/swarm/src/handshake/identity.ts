import b4a from 'b4a'
import sodium from 'sodium-universal'
import type { KeyPair } from '../util/keys.js'
import { type Hello, INCARNATION_BYTES, type Refusal } from './extension.js'

/** This swarm's identity, and the stamps that it puts on its handshakes. */
export class Identity {
  readonly keyPair: KeyPair
  /** Whether our connections may have several paths; see paths/. */
  readonly hasPaths: boolean
  readonly #incarnation = b4a.allocUnsafeSlow(INCARNATION_BYTES)
  #epoch = 0

  constructor(keyPair: KeyPair, hasPaths = false) {
    this.keyPair = keyPair
    this.hasPaths = hasPaths
    sodium.randombytes_buf(this.#incarnation)
  }

  /** The next block to send. Each has a later epoch than all before it. */
  hello(proofs: Uint8Array[], refusal: Refusal | null, statements: Uint8Array[] = []): Hello {
    this.#epoch = (this.#epoch + 1) >>> 0
    return { incarnation: this.#incarnation, epoch: this.#epoch, proofs, refusal, statements }
  }

  isSelf(publicKey: Uint8Array): boolean {
    return b4a.equals(publicKey, this.keyPair.publicKey)
  }

  /** When two peers dial each other, the dial of the one with the greater key is kept, as in hyperswarm. */
  winsTieAgainst(remotePublicKey: Uint8Array): boolean {
    return b4a.compare(this.keyPair.publicKey, remotePublicKey) > 0
  }
}
