/** The untyped packages of the fleet, as `dht/native.ts` has those of the DHT. */
import { createRequire } from 'node:module'
import type { DuplexLike } from '@swarmway/proxy-protocol'

const require = createRequire(import.meta.url)

/** The used part of libsodium. */
export const sodium = require('sodium-universal') as {
  crypto_generichash_batch(out: Uint8Array, inputs: readonly Uint8Array[], key: Uint8Array): void
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  crypto_sign_keypair(publicKey: Uint8Array, secretKey: Uint8Array): void
}

/** An encrypted duplex over another one; each end knows the key of the other once it is open. */
export interface SecretStream extends DuplexLike {
  readonly remotePublicKey: Uint8Array
  /** Resolves when the handshake is done; to false if it failed. */
  readonly opened: Promise<boolean>
}

/** Makes encrypted streams, by a Noise handshake (IK) over `rawStream`. */
export const NoiseSecretStream = require('@hyperswarm/secret-stream') as new (
  isInitiator: boolean,
  rawStream: object,
  options: {
    pattern: 'IK'
    keyPair: { publicKey: Uint8Array; secretKey: Uint8Array }
    remotePublicKey?: Uint8Array
  }
) => SecretStream
