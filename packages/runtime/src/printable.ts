/**
 * Makes text from another party safe for a log or a terminal. Removes control characters (C0, C1), which could start
 * a new line, move the cursor or colour other text, and the characters that change the writing direction or end a
 * line. Each run of them becomes a space.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ')
}

const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]+/gu
