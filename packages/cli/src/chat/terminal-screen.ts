import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'

/** What the person at a {@link TerminalScreen} does. */
export interface ScreenListener {
  onLine(line: string): void
  /** Ctrl-C or Ctrl-D. */
  onLeave(): void
}

/** A terminal on which lines come in above the line that is being typed, and leave it as it is. */
export class TerminalScreen {
  readonly #output: WriteStream
  readonly #readline: Interface
  #isClosed = false

  constructor(input: ReadStream, output: WriteStream, prompt: string, listener: ScreenListener) {
    this.#output = output
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

  /** Shows a line above the one that is being typed. */
  print(text: string): void {
    if (this.#isClosed) return
    this.#clearTyped()
    this.#output.write(`${text}\n`)
    // readline goes up, before it draws what is typed again, by the rows it remembers, which are above the text now.
    Object.assign(this.#readline, { prevRows: 0 })
    this.#readline.prompt(true)
  }

  /** Takes the line being typed away, and gives the terminal back. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#clearTyped()
    this.#readline.close()
  }

  /** What is typed may take several rows. */
  #clearTyped(): void {
    moveCursor(this.#output, 0, -this.#readline.getCursorPos().rows)
    cursorTo(this.#output, 0)
    clearScreenDown(this.#output)
  }
}
