import { cleanLines } from './clean-text.js'
import { colorsFor, type MaybeTerminal } from './colors.js'

/** Where status lines go: standard error, so that they do not mix with data. */
export interface StatusOutput extends MaybeTerminal {
  write(text: string): unknown
}

/** Tells the user what is going on. */
export class Status {
  readonly #output: StatusOutput
  readonly #isQuiet: boolean

  constructor(output: StatusOutput, isQuiet = false) {
    this.#output = output
    this.#isQuiet = isQuiet
  }

  /** Shows a passing remark; nothing if quiet. */
  say(text: string): void {
    if (!this.#isQuiet) this.#output.write(`${colorsFor(this.#output).dim(cleanLines(text))}\n`)
  }

  /** Shows an important line, even if quiet. */
  tell(text: string): void {
    this.#output.write(`${cleanLines(text)}\n`)
  }
}
