import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** Resolves the links in a path, as far as the path exists. */
export function realPath(path: string): string {
  try {
    // The native function also returns the file system's spelling, where case does not matter.
    return realpathSync.native(path)
  } catch {
    const parent = dirname(resolve(path))
    return parent === resolve(path) ? parent : join(realPath(parent), basename(path))
  }
}

/** The path from `folder` to `path`: '' if they are equal, null if `path` is outside. Takes real paths. */
export function wayWithin(folder: string, path: string): string | null {
  const way = relative(folder, path)
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? null : way
}

/** Returns a check whether a path is one of `roots` or inside one. It ignores case. */
export function withinAny(roots: readonly string[]): (path: string) => boolean {
  const folded = roots.map((root) => fold(realPath(root)))
  return (path) => folded.some((root) => wayWithin(root, fold(path)) !== null)
}

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}
