import { createHash } from 'node:crypto'

/** A name for a text that can be part of a path. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
