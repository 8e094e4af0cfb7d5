import { topicFrom } from '@swarmway/swarm/core'
import b4a from 'b4a'

const HEX_TOPIC = /^[0-9a-f]{64}$/i

/**
 * A topic as discovery-swarm-stream took them: bytes unchanged, 64 hex digits decoded, and any other string
 * hashed by `topicFrom`, which gives the same topic everywhere.
 */
export function toTopic(topic: Uint8Array | string): Uint8Array {
  if (typeof topic !== 'string') return topic
  return HEX_TOPIC.test(topic) ? b4a.from(topic, 'hex') : topicFrom(topic)
}
