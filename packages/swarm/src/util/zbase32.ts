import b4a from 'b4a'

/** Zooko's alphabet, in which the letters that are easier to read aloud occur more often. */
const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769'
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]))
const LETTER_BITS = 5

/** The bytes as z-base-32, five bits per letter, the last one padded with zeros. */
export function toZBase32(bytes: Uint8Array): string {
  let text = ''
  let pending = 0
  let bits = 0
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xfff
    for (bits += 8; bits >= LETTER_BITS; bits -= LETTER_BITS) {
      text += ALPHABET[(pending >>> (bits - LETTER_BITS)) & 31]
    }
  }
  return bits === 0 ? text : text + ALPHABET[(pending << (LETTER_BITS - bits)) & 31]
}

/** The bytes of a z-base-32 text, null if it is not one. The mapping is one-to-one. */
export function fromZBase32(text: string): Uint8Array | null {
  const bytes = b4a.alloc(Math.floor((text.length * LETTER_BITS) / 8))
  let pending = 0
  let bits = 0
  let at = 0
  for (const letter of text) {
    const value = VALUES.get(letter)
    if (value === undefined) return null
    pending = ((pending << LETTER_BITS) | value) & 0xfff
    bits += LETTER_BITS
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = pending >>> bits
  }
  const isPadding = bits < LETTER_BITS && (pending & ((1 << bits) - 1)) === 0
  return isPadding ? bytes : null
}
