import { hasHiddenMeaning } from '../shared/clean-text.js'
import { isStorageName } from './storage-name.js'

/** What means something in a name on Windows: letters, ends, devices, and the short names of long ones. */
const WINDOWS_ONLY = /[:*?"<>|]|[. ]$|^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(\.|$)|~\d/i

/** The longest name that the usual file systems keep. */
const MAX_NAME_BYTES = 255
/** The longest path that the usual systems take, a little below Linux's 4096. */
const MAX_PATH_BYTES = 4000

/**
 * Why a file of this name must not be written, or null if it may. The name comes from a stranger: it has to stay within
 * the folder whatever it says, to show as what it is, and to stay away from our storage.
 */
export function refusalOf(key: string, platform: NodeJS.Platform = process.platform): string | null {
  const names = key.split('/').slice(1)
  // First: what follows takes longer for long names.
  if (isLonger(key, MAX_PATH_BYTES) || names.some((name) => isLonger(name, MAX_NAME_BYTES)))
    return 'its name is too long'
  // A backslash is read as a separator by some, and as a letter by others.
  if (!key.startsWith('/') || /[\\\0]/.test(key)) return 'its name is not valid here'
  if (platform === 'win32' && names.some(hasWindowsMeaning)) return 'its name is not valid here'
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'its name leads elsewhere'
  if (hasHiddenMeaning(key)) return 'its name has characters that do not show'
  return names.some(isStorageName) ? 'its name is reserved' : null
}

/** Whether Windows takes a name for something else. */
export function hasWindowsMeaning(name: string): boolean {
  return WINDOWS_ONLY.test(name)
}

function isLonger(text: string, bytes: number): boolean {
  return Buffer.byteLength(text) > bytes
}
