import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'

/** What the user of a {@link TerminalScreen} does. */
export interface ScreenListener {
  onLine(line: string): void
  /** Ctrl-C or Ctrl-D. */
  onLeave(): void
}

/** A terminal on which new lines appear above the line being typed, without disturbing it. */
export class TerminalScreen {
  readonly #output: WriteStream
  readonly #readline: Interface
  /** Before readline's own listener. */
  readonly #onResize = () => this.#expectRows()
  #isClosed = false

  constructor(input: ReadStream, output: WriteStream, prompt: string, listener: ScreenListener) {
    this.#output = output
    output.on('resize', this.#onResize)
    this.#readline = createInterface({ input, output, prompt, terminal: true, historySize: 100 })
    this.#readline.on('line', (line) => {
      listener.onLine(line)
      if (!this.#isClosed) this.#readline.prompt()
    })
    this.#readline.on('SIGINT', () => listener.onLeave())
    this.#readline.on('close', () => {
      if (!this.#isClosed) listener.onLeave()
    })
    this.#readline.prompt()
  }

  set prompt(prompt: string) {
    this.#readline.setPrompt(prompt)
  }

  /** Shows a line above the one being typed. */
  print(text: string): void {
    if (this.#isClosed) return
    this.#clearTyped()
    this.#output.write(`${text}\n`)
    // Before it redraws the input, readline moves up by the rows it remembers; those are now above the text.
    Object.assign(this.#readline, { prevRows: 0 })
    this.#readline.prompt(true)
  }

  /** Clears the line being typed and releases the terminal. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#clearTyped()
    this.#output.off('resize', this.#onResize)
    this.#readline.close()
  }

  /**
   * On a new width readline redraws the input, from as many rows above as it had taken. Most terminals wrap lines again: if the
   * input takes fewer rows now, those above it are messages, which would be erased. Others do not: where it takes more now, a
   * piece of the input stays on the screen instead.
   */
  #expectRows(): void {
    const { prevRows = 0 } = this.#readline as { prevRows?: number }
    Object.assign(this.#readline, { prevRows: Math.min(prevRows, this.#readline.getCursorPos().rows) })
  }

  /** The input may take several rows. */
  #clearTyped(): void {
    moveCursor(this.#output, 0, -this.#readline.getCursorPos().rows)
    cursorTo(this.#output, 0)
    clearScreenDown(this.#output)
  }
}
