import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createGroup, createKeyPair, type Group, type KeyPair } from '@swarmway/swarm/core'
import { CliError, usageError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { failureText, remedyOf } from '../shared/errors/write-error.js'
import { dataFolder } from '../shared/files/data-folder.js'
import { makeFolder } from '../shared/files/make-folder.js'

/** This user's key pair on this machine, made when it is first needed. Throws a `CliError` if it cannot be kept. */
export function ownKeyPair(folder: string = dataFolder()): KeyPair {
  return createKeyPair(keptSeed(join(folder, 'identity.seed')))
}

/** A group of this user. */
export interface OwnGroup {
  readonly name: string
  readonly group: Group
  /** The folder for what is known of its members. */
  readonly folder: string
}

/** The group of this name, made when it is first needed. Throws as {@link ownKeyPair}. */
export function ownGroup(name: string, folder: string = dataFolder()): OwnGroup {
  const path = seedPath(name, folder)
  const group = createGroup({ seed: keptSeed(path) })
  return { name, group, folder: memberFolder(path.slice(0, -SEED.length)) }
}

/** The group of this name. Throws a usage error if there is none. */
export function existingGroup(name: string, folder: string = dataFolder()): OwnGroup {
  if (existsSync(seedPath(name, folder))) return ownGroup(name, folder)
  const names = groupNames(folder)
  const hint = names.length === 0 ? '"swarmway invite" makes one.' : `Your groups: ${names.join(', ')}.`
  throw usageError(`There is no group "${name}".`, hint)
}

/** The names of this user's groups, in order. */
export function groupNames(folder: string = dataFolder()): string[] {
  const parent = join(folder, 'groups')
  if (!existsSync(parent)) return []
  const seeds = readdirSync(parent).filter((name) => name.endsWith(SEED))
  return seeds.map((name) => name.slice(0, -SEED.length)).sort()
}

const SEED = '.seed'

function seedPath(name: string, folder: string): string {
  if (/^[\w-]{1,64}$/.test(name)) return join(folder, 'groups', `${name}${SEED}`)
  throw usageError(`"${name}" cannot be the name of a group.`, 'Use up to 64 letters, digits and dashes.')
}

function memberFolder(path: string): string {
  try {
    makeFolder(path, 0o700)
    return path
  } catch (cause) {
    const message = failureText(cause)
    throw new CliError(`The folder ${path} could not be made: ${message}.`, {
      hint: elsewhere(cause),
      exitCode: EXIT.unusable,
      cause
    })
  }
}

function elsewhere(error: unknown): string {
  const remedy = remedyOf(error) ?? 'Make room there or allow this user to write'
  return `${remedy}, or set XDG_DATA_HOME to the full path of another folder.`
}

/** A secret that is kept in a file which only this user can read. */
function keptSeed(path: string): Uint8Array {
  try {
    if (!existsSync(path)) {
      makeFolder(dirname(path), 0o700)
      writeSeed(path)
    }
    const text = readFileSync(path, 'utf8').trim()
    if (!/^[0-9a-f]{64}$/.test(text)) throw new Error('it does not hold 64 hex digits')
    return new Uint8Array(Buffer.from(text, 'hex'))
  } catch (error) {
    const message = failureText(error)
    const isOfDisk = error instanceof Error && 'syscall' in error
    throw new CliError(`The secret key in ${path} could not be used: ${message}.`, {
      hint: isOfDisk ? elsewhere(error) : 'Fix the file, or move it away; a new key is then made.',
      exitCode: EXIT.unusable,
      cause: error
    })
  }
}

/** On a full disk, the file is made and its content is not: it would be taken for a broken key ever after. */
function writeSeed(path: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
}
