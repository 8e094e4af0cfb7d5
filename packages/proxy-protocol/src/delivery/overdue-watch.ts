import { type Clock, unref } from '@swarmway/runtime'

/** Milliseconds between two looks, as long as the peer owes an acknowledgement. */
const LOOK_MS = 1000

/** What is looked at. */
export interface OverdueContext {
  /** Whether something has been sent that is not acknowledged. */
  isOwed(): boolean
  /** Bytes received so far. */
  bytesIn(): number
  /** The peer owes an acknowledgement, and nothing at all has arrived for a look. */
  onOverdue(): void
}

/**
 * Notices that a peer has stopped to answer while it owes an acknowledgement, which comes within milliseconds otherwise.
 * While nothing is owed there is no timer, so an idle session costs nothing.
 */
export class OverdueWatch {
  readonly #clock: Clock
  readonly #context: OverdueContext
  #timer: unknown = null
  #bytesIn = 0

  constructor(clock: Clock, context: OverdueContext) {
    this.#clock = clock
    this.#context = context
  }

  /** Something was sent that has to be acknowledged. */
  onSent(): void {
    if (this.#timer !== null) return
    this.#bytesIn = this.#context.bytesIn()
    this.#timer = unref(this.#clock.setTimeout(() => this.#look(), LOOK_MS))
  }

  /** The link is gone. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(): void {
    this.#timer = null
    if (!this.#context.isOwed()) return
    const isSilent = this.#context.bytesIn() === this.#bytesIn
    this.onSent()
    if (isSilent) this.#context.onOverdue()
  }
}
