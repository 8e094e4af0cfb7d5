/**
 * Topic proofs: how the two sides of a connection learn which topics it is about, without revealing a topic to a peer
 * that does not know it.
 *
 *     proof = first 16 bytes of BLAKE2b-256(key = topic, label || direction || initiator key || responder key)
 *
 * Bound to both static keys and the direction, so a proof is useless in any other handshake. A peer that does not know
 * the topic sees random bytes, but can test a guess: a topic made from a guessable name is not secret.
 */
import b4a from 'b4a'
import sodium from 'sodium-universal'
import { MAX_PROOFS, PROOF_BYTES } from './extension.js'

const LABEL = b4a.from('swarmway topic proof')

/** The side that proves: the peer that dials, or the one that answers. */
export type Direction = 'initiator' | 'responder'

/** The static keys of both sides of a handshake. */
export interface HandshakeKeys {
  initiator: Uint8Array
  responder: Uint8Array
}

/** The proof of one topic. */
export function topicProof(topic: Uint8Array, direction: Direction, keys: HandshakeKeys): Uint8Array {
  const hash = b4a.allocUnsafe(32)
  const directionByte = Uint8Array.of(direction === 'initiator' ? 0 : 1)
  sodium.crypto_generichash_batch(hash, [LABEL, directionByte, keys.initiator, keys.responder], topic)
  return hash.subarray(0, PROOF_BYTES)
}

/** The proofs of the first topics, as many as fit into a handshake. */
export function topicProofs(
  topics: Iterable<Uint8Array>,
  direction: Direction,
  keys: HandshakeKeys,
  most = MAX_PROOFS
): Uint8Array[] {
  const proofs: Uint8Array[] = []
  for (const topic of topics) {
    if (proofs.push(topicProof(topic, direction, keys)) === most) break
  }
  return proofs
}

/** Most topics that one handshake is compared with. A hash takes about a microsecond. */
export const MAX_HASHES = 1024

/** The first of our `topics`, `most` of them, that the remote has proved to know. */
export function provenTopics(
  proofs: Uint8Array[],
  topics: Iterable<Uint8Array>,
  direction: Direction,
  keys: HandshakeKeys,
  most = MAX_HASHES
): Uint8Array[] {
  if (proofs.length === 0) return []
  let left = most
  const wanted = new Set(proofs.map((proof) => b4a.toString(proof, 'hex')))
  const proven: Uint8Array[] = []
  for (const topic of topics) {
    if (left-- <= 0) break
    if (wanted.has(b4a.toString(topicProof(topic, direction, keys), 'hex'))) proven.push(topic)
    if (proven.length === wanted.size) break
  }
  return proven
}
