import { lstatSync } from 'node:fs'
import { basename, resolve, sep } from 'node:path'
import { CliError, usageError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { type LeftOut, walkFolder } from '../shared/files/folder-walk.js'
import { IgnoreRules } from '../shared/files/ignore-rules.js'
import { isReadable } from '../shared/files/permissions.js'
import { realPath } from '../shared/files/real-path.js'
import { statOf } from '../shared/files/stat-of.js'
import { hasHiddenMeaning } from '../shared/terminal/clean-text.js'
import type { OfferedFile } from './offer.js'

/** A file to send. */
export interface SourceFile extends OfferedFile {
  /** Its real path here. */
  readonly path: string
}

/** What is sent, and what is left out of a folder. */
export interface Source {
  readonly files: readonly SourceFile[]
  readonly leftOut: readonly { readonly folder: string; readonly ways: readonly LeftOut[] }[]
}

/**
 * The files that the user named, and those in the folders that the user named. Without `hasRules`, nothing in a folder is
 * ignored. A file that is named is always sent. Throws a `CliError`.
 */
export function readSource(paths: readonly string[], hasRules: boolean): Source {
  const files: SourceFile[] = []
  const leftOut: { folder: string; ways: readonly LeftOut[] }[] = []
  for (const path of paths) {
    const real = realPath(assertThere(path))
    const name = basename(resolve(path)) || basename(real)
    assertReceivable(name)
    if (files.some(({ key }) => key === `/${name}` || key.startsWith(`/${name}/`))) throw sameName(name)
    if (lstatSync(real).isDirectory()) {
      const content = readFolder(real, hasRules)
      files.push(...content.files.map((file) => describe(`/${name}${file.key}`, file.path)))
      if (content.leftOut.length > 0) leftOut.push({ folder: real, ways: content.leftOut })
    } else files.push(describe(`/${name}`, real))
  }
  if (files.length === 0)
    throw unusable(
      'There is no file to send.',
      nothingHint(leftOut.some(({ ways }) => ways.some(({ reason }) => reason === 'rule')))
    )
  return { files, leftOut }
}

function readFolder(folder: string, hasRules: boolean) {
  try {
    return walkFolder(folder, hasRules ? IgnoreRules.of(folder) : null)
  } catch (error) {
    throw asSourceError(error)
  }
}

function describe(key: string, path: string): SourceFile {
  const { mtimeMs, size } = lstatSync(path)
  return { key: key.replaceAll(sep, '/'), path, bytes: size, modifiedMs: mtimeMs }
}

function assertThere(path: string): string {
  if (path === '') throw usageError('The path is empty.', 'Name a file or a folder.')
  const stats = statOf(path)
  if (stats === undefined) {
    const hint = path === '-' ? 'Send standard input with "swarmway pipe".' : 'Check the path.'
    throw unusable(`${path} does not exist.`, hint)
  }
  if (!isReadable(path)) throw unusable(`This user may not read ${path}.`, 'Change its permissions.')
  if (!stats.isFile() && !stats.isDirectory()) {
    throw unusable(`${path} is neither a file nor a folder.`, 'Send anything else with "swarmway pipe".')
  }
  return path
}

/** Throws if no receiver would write a file of this name. */
function assertReceivable(name: string): void {
  const reason = name.includes('\\')
    ? 'has a backslash'
    : hasHiddenMeaning(name)
      ? 'has characters that do not show'
      : null
  if (reason !== null) throw unusable(`${name} cannot be sent: its name ${reason}.`, 'Rename it.')
}

function asSourceError(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  return new CliError(`It could not be read: ${error.message}.`, { exitCode: EXIT.unusable, cause: error })
}

function sameName(name: string): CliError {
  return usageError(`Two of the paths have the name ${name}.`, 'Send them one after the other, or the folder above.')
}

function nothingHint(isIgnored: boolean): string {
  return isIgnored
    ? 'What is there is ignored; send it anyway with --no-ignore.'
    : 'Links and empty folders are not sent.'
}

function unusable(message: string, hint: string): CliError {
  return new CliError(message, { hint, exitCode: EXIT.unusable })
}
