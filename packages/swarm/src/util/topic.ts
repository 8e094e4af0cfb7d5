import b4a from 'b4a'
import sodium from 'sodium-universal'
import { invalidArgument } from '../errors.js'
import { isBytes, KEY_BYTES } from './keys.js'

/** A topic as lower-case hex, the key of the swarm's maps. */
export type TopicHex = string & { readonly __topicHex: true }

/**
 * Makes a topic from a string: the BLAKE2b-256 hash of its UTF-8 bytes, the same everywhere.
 * Anyone who can guess the string can find the topic's peers; use random bytes for a topic that has to stay secret.
 */
export function topicFrom(name: string): Uint8Array {
  if (typeof name !== 'string' || name.length === 0) throw invalidArgument('name', 'a non-empty string', name)
  const topic = b4a.allocUnsafeSlow(KEY_BYTES)
  sodium.crypto_generichash(topic, b4a.from(name))
  return topic
}

/** Throws a `TypeError` unless `topic` is 32 bytes. */
export function assertTopic(topic: unknown): asserts topic is Uint8Array {
  const expected = `a Uint8Array of ${KEY_BYTES} bytes (topicFrom('name') makes one)`
  if (!isBytes(topic, KEY_BYTES)) throw invalidArgument('topic', expected, topic)
}

export function topicHex(topic: Uint8Array): TopicHex {
  return b4a.toString(topic, 'hex') as TopicHex
}
