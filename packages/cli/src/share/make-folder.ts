import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder, and what is missing above it, unless it exists. Throws what the file system says. With `recursive`
 * Node 20 would try for ever where a folder exists and takes none, such as /proc. `mode` holds for each one made.
 */
export function makeFolder(path: string, mode = 0o777): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent, mode)
  mkdirSync(path, { mode })
}
