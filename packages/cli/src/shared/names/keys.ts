import { createRequire } from 'node:module'
import { usageError } from '../errors/cli-error.js'
import { seenText } from '../terminal/invisible.js'

const require = createRequire(import.meta.url)

/** Keys as people see them, z-base-32 or hex. */
export const keyEncoding = require('hypercore-id-encoding') as {
  decode(text: string): Uint8Array
  encode(key: Uint8Array): string
}

/** The topic on which peers of a Hypercore meet. */
export const { discoveryKey } = require('hypercore-crypto') as { discoveryKey(publicKey: Uint8Array): Uint8Array }

/** Reads a public key: 52 letters of z-base-32, or 64 hex digits. Throws a usage error with `hint`. */
export function parseKey(
  text: string,
  hint = 'A key is the 52 letters (or 64 hex digits) that "swarmway share" prints.'
): Uint8Array {
  try {
    return new Uint8Array(keyEncoding.decode(seenText(text)))
  } catch {
    throw usageError(`"${text}" is not a key.`, hint)
  }
}
