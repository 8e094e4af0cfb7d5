import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { createGroup, type Group } from '@swarmway/swarm'
import { usageError } from './cli-error.js'

/** z-base-32: no letter looks like another, and a double click selects all of it. */
const LETTERS = 'ybndrfg8ejkmcpqxot1uwisza345h769'

/** 24 letters of 5 bits: 120 bits, which nobody guesses. */
const NAME_LETTERS = 24

/** scrypt with 32 MiB, about a tenth of a second: one who guesses names pays that for every guess. */
const HARDNESS = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** What a name stands for. */
export interface Meeting {
  /** Where those who know the name find each other. Nodes of the DHT see it, and can try names until one fits. */
  readonly topic: Uint8Array
  /** Whoever knows the name holds this group's secret key, and makes itself a member. Nobody else gets in. */
  readonly group: Group
}

/** The name that was typed, or else that of SWARMWAY_NAME, which other users of the machine do not see. */
export function givenName(typed: string | undefined, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return typed ?? (env['SWARMWAY_NAME'] || undefined)
}

/** A name that nobody can guess. */
export function generateName(): string {
  return Array.from(randomBytes(NAME_LETTERS), (byte) => LETTERS[byte & 31]).join('')
}

/**
 * Where those meet who know `name`, and how they prove that they do. `purpose` keeps the commands apart: the same name
 * is another meeting for each. Throws a usage error on an empty name.
 */
export async function meetingOf(name: string, purpose: string): Promise<Meeting> {
  const text = name.normalize('NFC').trim()
  if (text === '') throw usageError('The name is empty.', 'Leave it out, and one is made that nobody can guess.')
  const derive = promisify<string, string, number, object, Buffer>(scrypt)
  const bytes = await derive(text, `swarmway ${purpose} 1`, 64, HARDNESS)
  return {
    topic: new Uint8Array(bytes.subarray(0, 32)),
    group: createGroup({ seed: new Uint8Array(bytes.subarray(32)) })
  }
}
