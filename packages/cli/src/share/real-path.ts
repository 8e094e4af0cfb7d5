import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** The path without links, as far as something exists there. */
export function realPath(path: string): string {
  try {
    // The native one also spells names as the file system does, where that takes no notice of case.
    return realpathSync.native(path)
  } catch {
    const parent = dirname(resolve(path))
    return parent === resolve(path) ? parent : join(realPath(parent), basename(path))
  }
}

/** The way down from `folder` to `path`, '' if they are the same, or null if `path` is outside. Takes real paths. */
export function wayWithin(folder: string, path: string): string | null {
  const way = relative(folder, path)
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? null : way
}

/** A check whether a path is one of `roots` or lies in one. It takes A and a for the same letter. */
export function withinAny(roots: readonly string[]): (path: string) => boolean {
  const folded = roots.map((root) => fold(realPath(root)))
  return (path) => folded.some((root) => wayWithin(root, fold(path)) !== null)
}

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}
