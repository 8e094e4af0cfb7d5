import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { usageError } from '../errors/cli-error.js'
import type { Meeting } from './meeting.js'

/** z-base-32: no two letters look alike, and a double click selects the whole name. */
const LETTERS = 'ybndrfg8ejkmcpqxot1uwisza345h769'

/** 24 letters of 5 bits: 120 bits, impossible to guess. */
const NAME_LETTERS = 24

/** Node's default is just too little. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024

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
  // Loads the swarm, which help does not need.
  const { HARDNESS, MEETING_BYTES, meetingFrom, scryptInput } = await import('./meeting.js')
  const { password, salt } = scryptInput(name, purpose)
  if (password === '') throw usageError('The name is empty.', 'Leave it out to have a random one generated.')
  const derive = promisify<string, string, number, object, Buffer>(scrypt)
  return meetingFrom(await derive(password, salt, MEETING_BYTES, { ...HARDNESS, maxmem: MAX_MEMORY_BYTES }))
}
