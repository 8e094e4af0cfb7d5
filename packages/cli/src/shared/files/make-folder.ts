import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and its missing parents, unless it exists. Throws errors of the file system. With `recursive`, Node 20
 * retries for ever in a folder that exists but accepts no entries, such as /proc. `mode` applies to each folder made.
 */
export function makeFolder(path: string, mode = 0o777): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent, mode)
  mkdirSync(path, { mode })
}
