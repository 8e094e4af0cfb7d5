import { randomBytes } from 'node:crypto'

let count = 0

/** A topic that no other test uses. */
export function freshTopic(): Uint8Array {
  const topic = randomBytes(32)
  topic.writeUInt32LE(++count)
  return topic
}
