import { usageError } from '../shared/cli-error.js'
import { keyEncoding } from './packages.js'

/** Reads the key of a share: 52 letters of z-base-32, or 64 hex digits. Throws a usage error. */
export function parseKey(text: string): Uint8Array {
  try {
    return new Uint8Array(keyEncoding.decode(text.trim()))
  } catch {
    throw usageError(
      `"${text}" is not a key.`,
      'A key is the 52 letters (or 64 hex digits) that "swarmway share" prints.'
    )
  }
}
