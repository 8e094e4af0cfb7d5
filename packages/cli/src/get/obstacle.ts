import { lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** What is where a file is to be written. */
export interface Place {
  /** The file there now, if there is one. */
  readonly file: Stats | null
  /** Why nothing can be written there, or null. */
  readonly obstacle: string | null
}

/** Looks at the place of a file, and at the folders on the way to it, following no link. */
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
  if (isLast && !stats.isFile()) return 'something that is not a file is in the way'
  return isLast || stats.isDirectory() ? null : `the file ${way} is where its folder should be`
}

/** What cannot be looked at cannot be written either, which is told then. */
function look(path: string): Stats | null {
  try {
    return lstatSync(path)
  } catch {
    return null
  }
}
