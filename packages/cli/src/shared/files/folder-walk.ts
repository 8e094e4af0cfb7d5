import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasHiddenMeaning } from '../terminal/clean-text.js'
import type { IgnoreRules } from './ignore-rules.js'
import { isReadable, isRefusal, unreadableError } from './permissions.js'
import { isStorageName } from './storage-name.js'

/** A file in a shared folder. */
export interface FolderFile {
  /** Its name in the share: its path with slashes, including a leading one. */
  readonly key: string
  readonly path: string
  readonly bytes: number
  readonly modifiedMs: number
  readonly isExecutable: boolean
}

/** Why a path is left out. */
export type LeftOutReason = 'rule' | 'link' | 'own' | 'kind' | 'name' | 'invisible' | 'encoding' | 'empty'

/** A path that is left out; a folder ends in a slash and stands for everything in it. */
export interface LeftOut {
  readonly way: string
  readonly reason: LeftOutReason
}

/** The shareable contents of a folder. */
export interface FolderContent {
  /** Real path of the folder. */
  readonly root: string
  readonly files: readonly FolderFile[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Lists the files of a folder, given by its real path. `rules` says what to leave out; with null, no file is ignored.
 * Links, which could lead anywhere, and `isOwn` (keys of shares) are always left out. Throws a `CliError` if
 * the user may not read something of it, and errors of the file system.
 */
export function walkFolder(
  root: string,
  rules: IgnoreRules | null,
  isOwn: (path: string) => boolean = () => false
): FolderContent {
  const files: FolderFile[] = []
  const leftOut: LeftOut[] = []
  const visit = (way: string, outer: IgnoreRules | null) => {
    const inner = way === '' ? outer : (outer?.within(way) ?? null)
    const contents = contentsOf(join(root, way), way === '')
    if (contents.length === 0 && way !== '') leftOut.push({ way: `${way}/`, reason: 'empty' })
    for (const dirent of contents) {
      const name = dirent.name.toString()
      const path = join(root, way, name)
      const entry = way === '' ? name : `${way}/${name}`
      const reason = reasonFor(dirent, path, entry, inner, isOwn)
      if (reason !== null) leftOut.push({ way: dirent.isDirectory() ? `${entry}/` : entry, reason })
      else if (dirent.isDirectory()) visit(entry, inner)
      else files.push(...describe(entry, path))
    }
  }
  visit('', rules)
  const [closed, ...more] = files.filter(({ path }) => !isReadable(path))
  if (closed !== undefined)
    throw unreadableError(more.length > 0 ? `${closed.path} and ${more.length} more` : closed.path)
  return { root, files, leftOut }
}

function reasonFor(
  dirent: Dirent<Buffer>,
  path: string,
  way: string,
  rules: IgnoreRules | null,
  isOwn: (path: string) => boolean
): LeftOutReason | null {
  const name = dirent.name.toString()
  // First: Node replaces the bytes that are not UTF-8, so its path may name another file.
  if (!Buffer.from(name).equals(dirent.name)) return 'encoding'
  if (isStorageName(name) || isOwn(path)) return 'own'
  // A drive treats a backslash as a separator, so the file would appear under a different path.
  if (name.includes('\\')) return 'name'
  // No receiver writes it.
  if (hasHiddenMeaning(name)) return 'invisible'
  if (rules?.leavesOut(way, dirent.isDirectory())) return 'rule'
  if (dirent.isSymbolicLink()) return 'link'
  return dirent.isDirectory() || dirent.isFile() ? null : 'kind'
}

/** Programs make and remove files at any time: a folder below the root may be gone since it was listed. */
function contentsOf(path: string, isRoot: boolean): Dirent<Buffer>[] {
  try {
    return readdirSync(path, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    if (isRefusal(error)) throw unreadableError(path)
    if (!isRoot && lstatSync(path, { throwIfNoEntry: false }) === undefined) return []
    throw error
  }
}

/** Nothing if the file is gone since it was listed. */
function describe(way: string, path: string): FolderFile[] {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return []
  const { mode, mtimeMs, size } = stats
  return [{ key: `/${way}`, path, bytes: size, modifiedMs: mtimeMs, isExecutable: (mode & 0o100) !== 0 }]
}
