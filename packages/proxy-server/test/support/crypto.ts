/**
 * A client's cryptography, with the libraries that HyperDHT uses. For untyped packages, only the used part is
 * declared.
 */
import { createRequire } from 'node:module'
import type { SignBody } from '@swarmway/proxy-protocol'
import { SIGN_KIND } from '@swarmway/proxy-protocol'
import b4a from 'b4a'

const require = createRequire(import.meta.url)

export interface HandshakeKeys {
  publicKey: Uint8Array
  secretKey: Uint8Array
}

interface Wrapped {
  remotePublicKey: Uint8Array
  handshake: {
    send(payload: Uint8Array): Uint8Array
    recv(message: Uint8Array): Uint8Array
    rs: Uint8Array
    hash: Uint8Array
    complete: boolean
  }
  final(): {
    holepunchSecret: Uint8Array
    hash: Uint8Array
    rx: Uint8Array
    tx: Uint8Array
    publicKey: Uint8Array
    remotePublicKey: Uint8Array
  }
}

const NoiseWrap = require('hyperdht/lib/noise-wrap.js') as new (
  keyPair: HandshakeKeys,
  remotePublicKey: Uint8Array | null
) => Wrapped

type SignAnnounce = (
  target: Uint8Array,
  token: Uint8Array,
  id: Uint8Array,
  ann: object,
  keyPair: HandshakeKeys
) => Uint8Array

const Persistent = require('hyperdht/lib/persistent.js') as {
  signAnnounce: SignAnnounce
  signUnannounce: SignAnnounce
  signMutable(seq: number, value: Uint8Array, keyPair: HandshakeKeys): Uint8Array
}

const sodium = require('sodium-universal') as {
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
}

export function signDetached(message: Uint8Array, { secretKey }: HandshakeKeys): Uint8Array {
  const signature = b4a.alloc(64)
  sodium.crypto_sign_detached(signature, message, secretKey)
  return signature
}

export function signMutable(seq: number, value: Uint8Array, keyPair: HandshakeKeys): Uint8Array {
  return Persistent.signMutable(seq, value, keyPair)
}

/** One side of a handshake, with payloads as bytes. */
export class Handshake {
  readonly #wrapped: Wrapped

  constructor(keyPair: HandshakeKeys, remotePublicKey: Uint8Array | null) {
    this.#wrapped = new NoiseWrap(keyPair, remotePublicKey)
  }

  static signAnnouncement(
    { kind, target, token, nodeId, publicKey, relayAddresses }: SignBody,
    keyPair: HandshakeKeys
  ) {
    const sign = kind === SIGN_KIND.ANNOUNCE ? Persistent.signAnnounce : Persistent.signUnannounce
    return sign(target, token, nodeId, { peer: { publicKey, relayAddresses }, refresh: null }, keyPair)
  }

  send(payload: Uint8Array): Uint8Array {
    return this.#wrapped.handshake.send(payload)
  }

  receive(message: Uint8Array): Uint8Array {
    return this.#wrapped.handshake.recv(message)
  }

  get remotePublicKey(): Uint8Array {
    return b4a.from(this.#wrapped.handshake.rs)
  }

  get complete(): boolean {
    return this.#wrapped.handshake.complete
  }

  get hash(): Uint8Array {
    return this.#wrapped.handshake.hash
  }

  get holepunchSecret(): Uint8Array {
    return this.final().holepunchSecret
  }

  final() {
    this.#wrapped.remotePublicKey = this.remotePublicKey
    return this.#wrapped.final()
  }
}
