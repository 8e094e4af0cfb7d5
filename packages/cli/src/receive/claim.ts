import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '@swarmway/runtime'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { shownKey } from '../shared/files/file-texts.js'
import { makeFolder } from '../shared/files/make-folder.js'
import { isRefusal } from '../shared/files/permissions.js'
import { unfinishedName } from '../shared/files/storage-name.js'

/** The name of the file in which a process notes what it writes below a folder. */
const CLAIM = /^\.swarmway-receive-(\d+)\.part$/

/**
 * Notes in a folder that this process writes these files, until the function that is returned is called. Two processes that
 * write the unfinished file of one name would mix what they write. Throws a `CliError` if another process writes one of them;
 * notes of processes that were killed are removed.
 */
export function claimFiles(folder: string, keys: readonly string[]): () => void {
  makeFolder(folder)
  const own = join(folder, unfinishedName(`receive-${process.pid}`))
  try {
    writeFileSync(own, JSON.stringify(keys))
  } catch (error) {
    // Only folders below this one are the user's.
    if (isRefusal(error)) return () => {}
    throw error
  }
  const release = () => rmSync(own, { force: true })
  // After the own note: of two that begin at the same time, at least one sees the other.
  const taken = takenByOthers(folder)
  const key = keys.find((one) => taken.has(one))
  if (key === undefined) return release
  release()
  throw new CliError(`Another swarmway is receiving ${shownKey(key)} into ${folder}.`, {
    hint: 'Wait until it is done, or add another folder after the code. The code is still good.',
    exitCode: EXIT.unusable
  })
}

function takenByOthers(folder: string): ReadonlySet<string> {
  const taken = new Set<string>()
  for (const name of readdirSync(folder)) {
    const pid = Number(CLAIM.exec(name)?.[1] ?? process.pid)
    if (pid === process.pid) continue
    const path = join(folder, name)
    if (isRunning(pid)) for (const key of keysIn(path)) taken.add(key)
    else rmSync(path, { force: true })
  }
  return taken
}

/** One that has just been begun, or was removed since, has no keys. */
function keysIn(path: string): readonly string[] {
  try {
    const keys: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return Array.isArray(keys) ? keys : []
  } catch {
    return []
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is another user's.
    return codeOf(error) === 'EPERM'
  }
}
