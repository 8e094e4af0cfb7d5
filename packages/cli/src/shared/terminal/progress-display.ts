import { canRedraw } from './abilities.js'
import { type Progress, type ProgressMeter, percentOf, progressBar, progressText } from './progress.js'
import type { BottomLine, Status } from './status.js'

/** Milliseconds between updates of the bar. */
const INTERVAL_MS = 200
/** Without a terminal: percentage points between lines. */
const STEP_PERCENT = 10

/** Where progress is shown. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Shows the progress of a transfer: a bar below the messages on a terminal, an occasional line elsewhere. */
export class ProgressDisplay implements BottomLine {
  readonly #status: Pick<Status, 'bottomLine'>
  readonly #output: ProgressOutput
  readonly #meter: ProgressMeter
  readonly #timer: NodeJS.Timeout
  #shownPercent: number

  /** `status` writes messages to the same output. */
  constructor(status: Pick<Status, 'bottomLine'>, meter: ProgressMeter, output: ProgressOutput = process.stderr) {
    this.#status = status
    this.#output = output
    this.#meter = meter
    this.#shownPercent = percentOf(meter.read())
    this.#timer = setInterval(() => this.draw(), INTERVAL_MS)
    status.bottomLine = this
  }

  /** Redraws if anything has changed. */
  draw(): void {
    const progress = this.#meter.read()
    if (canRedraw(this.#output)) this.redraw()
    else if (percentOf(progress) >= this.#shownPercent + STEP_PERCENT) this.#writeLine(progress)
  }

  /** Removes the bar for a moment. */
  erase(): void {
    if (canRedraw(this.#output)) this.#output.write('\r\x1b[K')
  }

  /** Draws the bar again. */
  redraw(): void {
    if (!canRedraw(this.#output)) return
    this.#output.write(`\r\x1b[K${fittingLine(this.#meter.read(), (this.#output.columns || 80) - 1)}`)
  }

  /** Removes the bar; without a terminal, adds the line for everything if it is missing. */
  end(): void {
    clearInterval(this.#timer)
    if (this.#status.bottomLine === this) this.#status.bottomLine = null
    this.erase()
    if (canRedraw(this.#output)) return
    const progress = this.#meter.read()
    if (percentOf(progress) === 100 && this.#shownPercent < 100) this.#writeLine(progress)
  }

  #writeLine(progress: Progress): void {
    this.#shownPercent = percentOf(progress)
    this.#output.write(`${progressText(progress)}\n`)
  }
}

/** The bar and the figures; on a narrow terminal the figures, as far as there is room. */
function fittingLine(progress: Progress, columns: number): string {
  const text = progressText(progress)
  const line = `${progressBar(progress)} ${text}`
  return line.length <= columns ? line : progressText(progress, columns)
}
