/**
 * The client's signatures. Each message is composed here from typed fields, in HyperDHT's format: the client
 * never signs bytes that a server chose.
 */
import { listenProofMessage, type NetworkAddress, SIGN_KIND, type SignBody } from '@swarmway/proxy-protocol'
import type { KeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import cenc from 'compact-encoding'
import crypto from 'hypercore-crypto'
import sodium from 'sodium-universal'
import type { Challenge } from '../uplink/session/current-session.js'

// HyperDHT keys its namespaces by command number: announce 4, unannounce 5, mutable put 6.
const [NS_ANNOUNCE, NS_UNANNOUNCE, NS_MUTABLE_PUT] = crypto.namespace('hyperswarm/dht', [4, 5, 6]) as [
  Uint8Array,
  Uint8Array,
  Uint8Array
]

const addresses = cenc.array<NetworkAddress>(cenc.ipv4Address)

/** The hash under which the DHT knows a public key. */
export function keyTarget(publicKey: Uint8Array): Uint8Array {
  const target = b4a.alloc(32)
  sodium.crypto_generichash(target, publicKey)
  return target
}

/** Signs an announcement, or its withdrawal, of `keyPair` for one DHT node. */
export function signAnnouncement(body: SignBody, keyPair: KeyPair): Uint8Array {
  const hash = b4a.alloc(32)
  const peer = b4a.concat([keyPair.publicKey, cenc.encode(addresses, body.relayAddresses)])
  sodium.crypto_generichash_batch(hash, [body.target, body.nodeId, body.token, peer])
  const namespace = body.kind === SIGN_KIND.ANNOUNCE ? NS_ANNOUNCE : NS_UNANNOUNCE
  return sign(b4a.concat([namespace, hash]), keyPair)
}

/** Signs the proof that we hold the key to listen on. */
export function signListenProof(challenge: Challenge, keyPair: KeyPair): Uint8Array {
  return sign(listenProofMessage(challenge.serverNonce, keyPair.publicKey, challenge), keyPair)
}

/** Signs a mutable value. */
export function signMutable(seq: number, value: Uint8Array, keyPair: KeyPair): Uint8Array {
  return sign(mutableMessage(seq, value), keyPair)
}

/** Whether `signature` is the key holder's signature of this mutable value. */
export function verifyMutable(publicKey: Uint8Array, seq: number, value: Uint8Array, signature: Uint8Array): boolean {
  return sodium.crypto_sign_verify_detached(signature, mutableMessage(seq, value), publicKey)
}

function mutableMessage(seq: number, value: Uint8Array): Uint8Array {
  const hash = b4a.alloc(32)
  sodium.crypto_generichash(hash, b4a.concat([cenc.encode(cenc.uint, seq), cenc.encode(cenc.buffer, value)]))
  return b4a.concat([NS_MUTABLE_PUT, hash])
}

function sign(message: Uint8Array, keyPair: KeyPair): Uint8Array {
  const signature = b4a.alloc(64)
  sodium.crypto_sign_detached(signature, message, keyPair.secretKey)
  return signature
}
