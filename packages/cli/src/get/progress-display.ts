import { type ProgressMeter, percentOf, progressBar, progressText } from './progress.js'

/** Milliseconds between two drawings. */
const INTERVAL_MS = 200
/** Without a terminal: a line for so many more per cent. */
const STEP_PERCENT = 10

/** Where progress is shown. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Shows how far a transfer is: a bar on a terminal, a line now and then elsewhere. */
export class ProgressDisplay {
  readonly #output: ProgressOutput
  readonly #meter: ProgressMeter
  readonly #timer: NodeJS.Timeout
  #shownPercent: number

  constructor(output: ProgressOutput, meter: ProgressMeter) {
    this.#output = output
    this.#meter = meter
    this.#shownPercent = percentOf(meter.read())
    this.#timer = setInterval(() => this.draw(), INTERVAL_MS)
  }

  /** Draws what has changed. */
  draw(): void {
    const progress = this.#meter.read()
    if (this.#output.isTTY) {
      const line = `${progressBar(progress)} ${progressText(progress)}`
      this.#output.write(`\r\x1b[K${line.slice(0, (this.#output.columns ?? 80) - 1)}`)
    } else if (percentOf(progress) >= this.#shownPercent + STEP_PERCENT) {
      this.#shownPercent = percentOf(progress)
      this.#output.write(`${progressText(progress)}\n`)
    }
  }

  /** Takes the bar away. */
  end(): void {
    clearInterval(this.#timer)
    if (this.#output.isTTY) this.#output.write('\r\x1b[K')
  }
}
