/** The untyped packages of the fleet; the DHT's are in `dht/native.ts`. Imported rather than required, so that bundles have them. */
import curve from 'noise-curve-ed'
import NoiseHandshake from 'noise-handshake'
import sodiumUniversal from 'sodium-universal'

/** The used part of libsodium. */
export const sodium = sodiumUniversal as unknown as {
  crypto_generichash_batch(out: Uint8Array, inputs: readonly Uint8Array[], key: Uint8Array): void
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  crypto_aead_chacha20poly1305_ietf_encrypt_detached(
    ciphertext: Uint8Array,
    tag: Uint8Array,
    text: Uint8Array,
    open: Uint8Array,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array
  ): void
  /** @throws Error if it is not what was encrypted */
  crypto_aead_chacha20poly1305_ietf_decrypt_detached(
    text: Uint8Array,
    secretNonce: null,
    ciphertext: Uint8Array,
    tag: Uint8Array,
    open: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array
  ): void
  crypto_sign_keypair(publicKey: Uint8Array, secretKey: Uint8Array): void
}

/** One side of a Noise handshake, as noise-handshake has it. */
export interface NoiseState {
  readonly complete: boolean
  /** The other side's key, once known. */
  readonly rs: Uint8Array
  /** Keys of the two directions, once complete. */
  readonly rx: Uint8Array
  readonly tx: Uint8Array
  initialise(prologue: Uint8Array, remotePublicKey?: Uint8Array): void
  send(): Uint8Array
  /** @throws Error for a message that is not right */
  recv(message: Uint8Array): void
}

const Noise = NoiseHandshake as unknown as new (
  pattern: 'IK',
  isInitiator: boolean,
  keyPair: { publicKey: Uint8Array; secretKey: Uint8Array },
  options: { curve: object }
) => NoiseState

/** Begins a Noise handshake (IK, Ed25519 keys). The initiator knows whom it wants to reach. */
export function createNoise(
  keyPair: { publicKey: Uint8Array; secretKey: Uint8Array },
  prologue: Uint8Array,
  remotePublicKey: Uint8Array | null
): NoiseState {
  const isInitiator = remotePublicKey !== null
  const noise = new Noise('IK', isInitiator, keyPair, { curve })
  if (isInitiator) noise.initialise(prologue, remotePublicKey)
  else noise.initialise(prologue)
  return noise
}
