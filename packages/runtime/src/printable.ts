/**
 * Text that somebody else has sent, as a log or a terminal can be given it: without control characters (C0, C1), with
 * which it could begin a line of its own, move the cursor or colour what others say, and without the marks that turn the
 * direction of writing or end a line. Each run of them becomes a space.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ')
}

const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]+/gu
