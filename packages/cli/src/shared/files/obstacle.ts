import { lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** What is at the path of a file to be written. */
export interface Place {
  /** The existing file, if there is one. */
  readonly file: Stats | null
  /** Why nothing can be written there; null if something can. */
  readonly obstacle: string | null
}

/** Inspects the path of a file and the folders above it, without following links. */
export function lookAt(folder: string, key: string): Place {
  const names = key.split('/').slice(1)
  let path = folder
  for (const [i, name] of names.entries()) {
    path = join(path, name)
    const stats = look(path)
    if (stats === null) break
    const isLast = i === names.length - 1
    const obstacle = obstacleOf(stats, isLast, names.slice(0, i + 1).join('/'))
    if (obstacle !== null || isLast) return { file: stats, obstacle }
  }
  return { file: null, obstacle: null }
}

function obstacleOf(stats: Stats, isLast: boolean, way: string): string | null {
  if (stats.isSymbolicLink()) return isLast ? 'a link is in the way' : `the link ${way} is in the way`
  if (isLast && stats.isDirectory()) return 'a folder is in the way'
  if (isLast && !stats.isFile()) return 'something other than a file is in the way'
  return isLast || stats.isDirectory() ? null : `the file ${way} is where its folder should be`
}

/** What cannot be inspected cannot be written either; writing reports the error. */
function look(path: string): Stats | null {
  try {
    // An error for each missing file would take longer than the rest.
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null
  }
}
