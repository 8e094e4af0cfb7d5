/** What a terminal would obey, except for line ends and tabs. */
const CONTROLS = /(?![\n\t])\p{Cc}|\p{Bidi_Control}/gu

/** Bytes from the other side as text for a terminal: nothing in it moves the cursor, sets a title or changes a colour. */
export class TerminalText {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  /** The next piece, with control characters in caret notation. Null if the bytes are not text. */
  show(bytes: Uint8Array): string | null {
    if (bytes.includes(0)) return null
    try {
      return this.#decoder.decode(bytes, { stream: true }).replaceAll('\r\n', '\n').replace(CONTROLS, caret)
    } catch {
      return null
    }
  }
}

function caret(letter: string): string {
  const code = letter.charCodeAt(0)
  return code < 128 ? `^${String.fromCharCode(code ^ 64)}` : '\ufffd'
}
