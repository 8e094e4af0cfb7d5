import b4a from 'b4a'
import { hasHiddenMeaning } from '../terminal/clean-text.js'
import { isStorageName } from './storage-name.js'

/** Names with a special meaning on Windows: characters, endings, devices, and short forms of long names. */
const WINDOWS_ONLY = /[:*?"<>|]|[. ]$|^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(\.|$)|~\d/i

/** The longest name that common file systems accept. */
const MAX_NAME_BYTES = 255
/** The longest path that common systems accept, a little below Linux's 4096. */
const MAX_PATH_BYTES = 4000

/**
 * Why a file of this name must not be written, or null if it may be. Strangers choose these names: they have to stay in
 * the folder, look like what they are, and stay away from our storage.
 */
export function refusalOf(key: string, platform: NodeJS.Platform = process.platform): string | null {
  const names = key.split('/').slice(1)
  // First, because the checks below are slow for long names.
  if (isLonger(key, MAX_PATH_BYTES) || names.some((name) => isLonger(name, MAX_NAME_BYTES)))
    return 'its name is too long'
  // Some systems read a backslash as a separator, others as a letter.
  if (!key.startsWith('/') || /[\\\0]/.test(key)) return 'its name is not valid here'
  if (platform === 'win32' && names.some(hasWindowsMeaning)) return 'its name is not valid here'
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'its name leads elsewhere'
  if (hasHiddenMeaning(key)) return 'its name has characters that do not show'
  return names.some(isStorageName) ? 'its name is reserved' : null
}

/** Whether Windows would read a name as something else. */
export function hasWindowsMeaning(name: string): boolean {
  return WINDOWS_ONLY.test(name)
}

function isLonger(text: string, bytes: number): boolean {
  return b4a.byteLength(text) > bytes
}
