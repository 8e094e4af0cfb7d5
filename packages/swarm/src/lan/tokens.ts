/**
 * How topics and peers are identified on the network.
 *
 *     token    first 16 bytes of BLAKE2b-256(key = topic, "swarmway lan token" || period || salt)
 *     sealed   secretbox(public key 32 || port 2), under the key
 *              BLAKE2b-256(key = topic, "swarmway lan answer" || period || salt || answer salt)
 *
 * The period is the hour, the salt is random for every probe. So two tokens of one topic have nothing in common for a
 * host that does not know the topic, which cannot even link them; a host that can guess a topic can test the guess. A
 * recorded probe is worthless after its period and the next. The two salts make the key of every answer unique, which
 * is why the nonce may be zero; if it opens, the sender knows the topic.
 */
import b4a from 'b4a'
import sodium from 'sodium-universal'
import { KEY_BYTES } from '../util/keys.js'
import { SALT_BYTES, SEALED_BYTES, TOKEN_BYTES } from './packet.js'

const TOKEN_LABEL = b4a.from('swarmway lan token')
const ANSWER_LABEL = b4a.from('swarmway lan answer')
const PLAIN_BYTES = KEY_BYTES + 2
const PERIOD_MS = 3_600_000
const NO_NONCE = b4a.alloc(24)

/** The salts that one answer is bound to. */
export interface AnswerBinding {
  period: number
  salt: Uint8Array
  answerSalt: Uint8Array
}

/** The peer that an answer identifies. */
export interface AnsweringPeer {
  publicKey: Uint8Array
  port: number
}

export function periodAt(nowMs: number): number {
  return Math.floor(nowMs / PERIOD_MS)
}

/** Whether a probe of `period` is acceptable at `nowMs`: clocks may differ by up to one period. */
export function isCurrent(period: number, nowMs: number): boolean {
  return Math.abs(period - periodAt(nowMs)) <= 1
}

export function createSalt(): Uint8Array {
  const salt = b4a.allocUnsafeSlow(SALT_BYTES)
  sodium.randombytes_buf(salt)
  return salt
}

export function tokenOf(topic: Uint8Array, period: number, salt: Uint8Array): Uint8Array {
  return keyedHash(topic, [TOKEN_LABEL, encodePeriod(period), salt]).subarray(0, TOKEN_BYTES)
}

export function seal(peer: AnsweringPeer, topic: Uint8Array, binding: AnswerBinding): Uint8Array {
  const plain = b4a.concat([peer.publicKey, Uint8Array.of(peer.port >> 8, peer.port & 255)])
  const sealed = b4a.alloc(SEALED_BYTES)
  sodium.crypto_secretbox_easy(sealed, plain, NO_NONCE, answerKey(topic, binding))
  return sealed
}

/** Null unless `sealed` was made for this topic and binding, by a host that knows the topic. */
export function unseal(sealed: Uint8Array, topic: Uint8Array, binding: AnswerBinding): AnsweringPeer | null {
  const plain = b4a.alloc(PLAIN_BYTES)
  if (!sodium.crypto_secretbox_open_easy(plain, sealed, NO_NONCE, answerKey(topic, binding))) return null
  const port = (plain[KEY_BYTES] ?? 0) * 256 + (plain[KEY_BYTES + 1] ?? 0)
  return port === 0 ? null : { publicKey: plain.subarray(0, KEY_BYTES), port }
}

function answerKey(topic: Uint8Array, { period, salt, answerSalt }: AnswerBinding): Uint8Array {
  return keyedHash(topic, [ANSWER_LABEL, encodePeriod(period), salt, answerSalt])
}

function keyedHash(key: Uint8Array, parts: Uint8Array[]): Uint8Array {
  const hash = b4a.alloc(32)
  sodium.crypto_generichash_batch(hash, parts, key)
  return hash
}

function encodePeriod(period: number): Uint8Array {
  const bytes = b4a.alloc(4)
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, period)
  return bytes
}
