import { ProgressMeter } from '../shared/terminal/progress.js'
import { ProgressDisplay } from '../shared/terminal/progress-display.js'
import type { Status } from '../shared/terminal/status.js'
import type { PipeEnds } from './run-pipe.js'

/** Shows how much of a file has been carried; nothing if no side sends a file. */
export class PipeProgress {
  readonly #status: Status
  readonly #isShown: boolean
  #meter: ProgressMeter | null = null
  #display: ProgressDisplay | null = null

  constructor(status: Status, isShown: boolean) {
    this.#status = status
    this.#isShown = isShown
  }

  readonly observer: Pick<PipeEnds, 'onPaired' | 'onExpected' | 'onCarried'> = {
    onPaired: () => this.#status.say('Connected.'),
    onExpected: (bytes) => this.#expect(bytes),
    onCarried: (bytes) => this.#meter?.add(bytes)
  }

  /** Removes the bar, so that the next message has a line of its own. */
  end(): void {
    this.#display?.end()
    this.#display = null
  }

  #expect(bytes: number): void {
    if (!this.#isShown) return
    if (this.#meter === null) this.#meter = new ProgressMeter(bytes, 0)
    else this.#meter.expect(bytes)
    this.#display ??= new ProgressDisplay(this.#status, this.#meter)
  }
}
