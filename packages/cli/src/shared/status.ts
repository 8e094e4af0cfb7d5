import { cleanLines } from './clean-text.js'
import { colorsFor, type MaybeTerminal } from './terminal.js'

/** Where status lines go: standard error, so that they never mix with data. */
export interface StatusOutput extends MaybeTerminal {
  write(text: string): unknown
}

/** Tells the person what goes on. */
export class Status {
  readonly #output: StatusOutput
  readonly #isQuiet: boolean

  constructor(output: StatusOutput, isQuiet = false) {
    this.#output = output
    this.#isQuiet = isQuiet
  }

  /** A line in passing; nothing when quiet. */
  say(text: string): void {
    if (!this.#isQuiet) this.#output.write(`${colorsFor(this.#output).dim(cleanLines(text))}\n`)
  }

  /** A line that has to be read, quiet or not. */
  tell(text: string): void {
    this.#output.write(`${cleanLines(text)}\n`)
  }
}
