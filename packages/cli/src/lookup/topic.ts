import { topicFrom } from '@swarmway/swarm'
import b4a from 'b4a'
import { parseKey } from '../share/key.js'
import { discoveryKey } from '../share/packages.js'
import { usageError } from '../shared/cli-error.js'
import { meetingOf } from '../shared/secret-name.js'

/** What the text can be. */
export const KINDS = ['topic', 'pipe', 'chat', 'share'] as const
export type Kind = (typeof KINDS)[number]

/** The topic that a text denotes. Throws a usage error. */
export async function topicOf(text: string, kind: Kind): Promise<Uint8Array> {
  if (kind === 'share') return discoveryKey(parseKey(text))
  if (kind !== 'topic') return (await meetingOf(text, kind)).topic
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(b4a.from(text, 'hex'))
  if (text === '') throw usageError('The topic is empty.', 'Give a name, or the 64 hex digits of a topic.')
  return topicFrom(text)
}
