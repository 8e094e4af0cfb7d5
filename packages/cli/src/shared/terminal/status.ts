import { cleanLines } from './clean-text.js'
import { colorsFor, type MaybeTerminal } from './colors.js'

/** Where status lines go: standard error, so that they do not mix with data. */
export interface StatusOutput extends MaybeTerminal {
  write(text: string): unknown
}

/** A line at the bottom, such as a progress bar. Messages go above it. */
export interface BottomLine {
  erase(): void
  redraw(): void
}

/** Tells the user what is going on. */
export class Status {
  bottomLine: BottomLine | null = null
  readonly #output: StatusOutput
  readonly #isQuiet: boolean

  constructor(output: StatusOutput, isQuiet = false) {
    this.#output = output
    this.#isQuiet = isQuiet
  }

  /** Shows a passing remark; nothing if quiet. */
  say(text: string): void {
    if (!this.#isQuiet) this.#write(colorsFor(this.#output).dim(cleanLines(text)))
  }

  /** Shows an important line, even if quiet. */
  tell(text: string): void {
    this.#write(cleanLines(text))
  }

  #write(text: string): void {
    this.bottomLine?.erase()
    this.#output.write(`${text}\n`)
    this.bottomLine?.redraw()
  }
}
