/**
 * Text from a stranger as a terminal can be given it: without control characters, with which it could move the cursor
 * or colour what others say, and without marks that turn the direction of writing.
 */
export function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()
}
