import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createGroup, createKeyPair, type Group, type KeyPair } from '@swarmway/swarm'
import { dataFolder } from '../share/data-folder.js'
import { makeFolder } from '../share/make-folder.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'

/** This user's key pair on this machine, made when it is first needed. Throws a `CliError` if it cannot be kept. */
export function ownKeyPair(folder: string = dataFolder()): KeyPair {
  return createKeyPair(keptSeed(join(folder, 'identity.seed')))
}

/** The group of this name, made when it is first needed. Throws as {@link ownKeyPair}. */
export function ownGroup(name: string, folder: string = dataFolder()): Group {
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw new CliError(`"${name}" cannot be the name of a group.`, {
      hint: 'Take up to 64 letters, digits and dashes.',
      exitCode: EXIT.usage
    })
  }
  return createGroup({ seed: keptSeed(join(folder, 'groups', `${name}.seed`)) })
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
    const message = error instanceof Error ? error.message : String(error)
    const isOfDisk = error instanceof Error && 'syscall' in error
    throw new CliError(`The secret key in ${path} could not be used: ${message}.`, {
      hint: isOfDisk
        ? 'Make room there or allow this user to write, or set XDG_DATA_HOME to the full path of another folder.'
        : 'Fix the file, or move it away; a new key is then made.',
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
