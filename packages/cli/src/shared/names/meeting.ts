import { createGroup, type Group } from '@swarmway/swarm/core'
import { seenText } from '../terminal/invisible.js'

/** What is derived from a name or a code. */
export interface Meeting {
  /** The topic on which peers that know the name meet. DHT nodes see it and can try names until one fits. */
  readonly topic: Uint8Array
  /** A peer that knows the name holds this group's secret key and makes itself a member. No other peer gets in. */
  readonly group: Group
}

/** scrypt with 32 MiB takes about a tenth of a second, which an attacker pays for every guess. */
export const HARDNESS = { N: 2 ** 15, r: 8, p: 1 } as const

/** Bytes that scrypt has to give. */
export const MEETING_BYTES = 64

/** What scrypt is given: what is seen of the text, in one spelling, and a salt that keeps the purposes apart. */
export function scryptInput(text: string, purpose: string): { password: string; salt: string } {
  return { password: seenText(text).normalize('NFC'), salt: `swarmway ${purpose} 1` }
}

/** The meeting in the {@link MEETING_BYTES} that scrypt gave. */
export function meetingFrom(bytes: Uint8Array): Meeting {
  return { topic: bytes.slice(0, 32), group: createGroup({ seed: bytes.slice(32, MEETING_BYTES) }) }
}
