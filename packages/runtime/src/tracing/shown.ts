import { printable } from '../printable.js'
import { environment } from './platform.js'

type Shown = string | number | boolean | null

/** Bytes of a key or topic that are shown. A whole topic would let a reader of the log join it. */
const SHOWN_KEY_BYTES = 4
/** The longest text; a stranger may have written it. */
const MAX_TEXT_LENGTH = 200
/** URLs; IPv4 addresses and host names; IPv6 addresses. Rather too much than too little. */
const ADDRESSES = /\w+:\/\/\S+|[\w-]+(?:\.[\w-]+)+(?::\d+)?|\[?(?:[0-9a-f]*:){2,}[0-9a-f.]*\]?(?::\d+)?/gi

/** The fields of an event as subscribers may see them: short keys, printable text, addresses only if they are wanted. */
export function shownFields(fields: object): Record<string, Shown> {
  const showsAddresses = environment('SWARMWAY_TRACE_ADDRESSES') === '1'
  const shown: Record<string, Shown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'address' && !showsAddresses) continue
    shown[name] = shownValue(value, showsAddresses)
  }
  return shown
}

function shownValue(value: unknown, showsAddresses: boolean): Shown {
  if (value instanceof Uint8Array) return shortKey(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  const text = printable(String(value).slice(0, MAX_TEXT_LENGTH))
  return showsAddresses ? text : text.replace(ADDRESSES, '<address>')
}

function shortKey(key: Uint8Array): string {
  return Array.from(key.subarray(0, SHOWN_KEY_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The fields `code` and `reason` of an error, whatever it is. */
export function reasonOf(error: unknown): { code: string; reason: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
  return { code, reason: error instanceof Error ? error.message : String(error) }
}
