import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { isStorageName } from './storage-name.js'

/** What means something in a name on Windows: letters, ends, devices, and the short names of long ones. */
const WINDOWS_ONLY = /[:*?"<>|]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|~\d/i

/** What a file's name ends in while it is written; Localdrive's choice. */
const UNFINISHED = '.0.localdrive.tmp'

/** The longest name that the usual file systems keep. */
const MAX_NAME_BYTES = 255

/**
 * Why a file of this name must not be written into `folder`, or null if it may. The name comes from a stranger: it has
 * to stay within the folder whatever it says, links that are there already included, and away from our storage.
 */
export function refusalOf(folder: string, key: string, platform: NodeJS.Platform = process.platform): string | null {
  const names = key.split('/').slice(1)
  // A backslash is read as a separator by some, and as a letter by others.
  if (!key.startsWith('/') || /[\\\0]/.test(key)) return 'its name is not valid here'
  if (platform === 'win32' && names.some((name) => WINDOWS_ONLY.test(name))) return 'its name is not valid here'
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'its name leads elsewhere'
  if (names.some(isStorageName)) return 'its name is reserved'
  if (`${key}${UNFINISHED}`.split('/').some(isTooLong)) return 'its name is too long'
  return passesLink(folder, names) ? 'a link is in the way' : null
}

function isTooLong(name: string): boolean {
  return Buffer.byteLength(name) > MAX_NAME_BYTES
}

function passesLink(folder: string, names: readonly string[]): boolean {
  let path = folder
  for (const name of names) {
    path = join(path, name)
    if (isLink(path)) return true
  }
  return isLink(`${path}${UNFINISHED}`)
}

/** What cannot be looked at cannot be written either, and is told then. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}
