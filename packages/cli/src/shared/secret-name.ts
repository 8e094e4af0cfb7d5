import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { createGroup, type Group } from '@swarmway/swarm'
import { usageError } from './cli-error.js'

/** z-base-32: no two letters look alike, and a double click selects the whole name. */
const LETTERS = 'ybndrfg8ejkmcpqxot1uwisza345h769'

/** 24 letters of 5 bits: 120 bits, impossible to guess. */
const NAME_LETTERS = 24

/** scrypt with 32 MiB takes about a tenth of a second, which an attacker pays for every guess. */
const HARDNESS = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** What is derived from a name. */
export interface Meeting {
  /** The topic on which peers that know the name meet. DHT nodes see it and can try names until one fits. */
  readonly topic: Uint8Array
  /** A peer that knows the name holds this group's secret key and makes itself a member. No other peer gets in. */
  readonly group: Group
}

/** The name on the command line, or else SWARMWAY_NAME, which other users of the machine do not see. */
export function givenName(typed: string | undefined, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return typed ?? (env['SWARMWAY_NAME'] || undefined)
}

/** A name that nobody can guess. */
export function generateName(): string {
  return Array.from(randomBytes(NAME_LETTERS), (byte) => LETTERS[byte & 31]).join('')
}

/**
 * The topic for peers that know `name`, and their proof that they do. `purpose` keeps the commands apart: the same name
 * leads to a different topic for each. Throws a usage error on an empty name.
 */
export async function meetingOf(name: string, purpose: string): Promise<Meeting> {
  const text = name.normalize('NFC').trim()
  if (text === '') throw usageError('The name is empty.', 'Leave it out to have a random one generated.')
  const derive = promisify<string, string, number, object, Buffer>(scrypt)
  const bytes = await derive(text, `swarmway ${purpose} 1`, 64, HARDNESS)
  return {
    topic: new Uint8Array(bytes.subarray(0, 32)),
    group: createGroup({ seed: new Uint8Array(bytes.subarray(32)) })
  }
}
