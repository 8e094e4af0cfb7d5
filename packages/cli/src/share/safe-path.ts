import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { STORAGE_FOLDER } from './storage.js'

/** Characters that mean something in a path on Windows. */
const WINDOWS_ONLY = /[:*?"<>|]/

/**
 * Why a file of this name must not be written into `folder`, or null if it may. The name comes from a stranger: it has
 * to stay within the folder whatever it says, links that are there already included, and away from our storage.
 */
export function refusalOf(folder: string, key: string, platform: NodeJS.Platform = process.platform): string | null {
  const names = key.startsWith('/') ? key.slice(1).split('/') : key.split('/')
  // Read as a separator by some, and as a letter by others.
  if (key.includes('\\') || key.includes('\0')) return 'its name is not valid here'
  if (platform === 'win32' && WINDOWS_ONLY.test(key)) return 'its name is not valid here'
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'its name leads elsewhere'
  if (names[0]?.toLowerCase() === STORAGE_FOLDER) return 'its name is reserved'
  return passesLink(folder, names) ? 'a link is in the way' : null
}

function passesLink(folder: string, names: readonly string[]): boolean {
  let path = folder
  for (const name of names) {
    path = join(path, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return false
    if (stats.isSymbolicLink()) return true
  }
  return false
}
