/** Control characters, and marks that turn the direction of writing. */
const UNSHOWN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu

/**
 * Text from a stranger as a terminal can be given it: without control characters, with which it could move the cursor
 * or colour what others say, and without marks that turn the direction of writing.
 */
export function cleanText(text: string): string {
  return text.replace(UNSHOWN, ' ').trim()
}

/** Whether a text has characters that {@link cleanText} takes out: it is not what it looks like. */
export function hasHiddenMeaning(text: string): boolean {
  return text.search(UNSHOWN) !== -1
}
