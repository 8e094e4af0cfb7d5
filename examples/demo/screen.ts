/** Output of the demo: lines, and a progress line that is redrawn. */

const BAR_WIDTH = 30
const PLAIN_STEPS = 4

export class Screen {
  readonly #out: NodeJS.WriteStream
  readonly #isLive: boolean
  #hasLiveLine = false
  #plainStep = 0

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
    this.#isLive = out.isTTY === true && process.env['TERM'] !== 'dumb'
    // The output is closed (`npm run demo | head`): continue silently, to clean up at the end.
    out.on('error', () => {})
  }

  /** Writes a line. */
  line(text = ''): void {
    this.clear()
    this.#out.write(`${text}\n`)
  }

  /** Writes `text` under a short label. */
  row(label: string, text: string): void {
    this.line(`  ${label.padEnd(12)}${text}`)
  }

  /** Redraws the progress line. If the output is not a terminal, writes a line now and then instead. */
  progress(label: string, fraction: number, text: string): void {
    if (this.#isLive) {
      const filled = Math.round(fraction * BAR_WIDTH)
      const bar = `${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}`
      const line = `  ${label.padEnd(12)}[${bar}] ${text}`
      this.#out.write(`\r${line.slice(0, (this.#out.columns || 80) - 1)}\x1b[K`)
      this.#hasLiveLine = true
      return
    }
    const step = Math.floor(fraction * PLAIN_STEPS)
    if (step <= this.#plainStep) return
    this.#plainStep = step
    this.row(label, text)
  }

  /** Removes the progress line. */
  clear(): void {
    if (this.#hasLiveLine) this.#out.write('\r\x1b[K')
    this.#hasLiveLine = false
  }
}

/** 5000 as "5,000". */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Milliseconds as "312 ms" or "3.1 s". */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** Bytes as "41.0 MB". */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** The first digits of a long key. */
export function short(hex: string): string {
  return `${hex.slice(0, 8)}...`
}
