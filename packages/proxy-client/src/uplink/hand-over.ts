import type { Clock } from '@swarmway/runtime'

/** Milliseconds between two looks whether anything would be lost. */
const LOOK_MS = 250
/** The part of the time after which the client goes in any case. */
const LATEST = 0.7

/** What a hand-over needs of the uplink. */
export interface HandOverHost {
  /** Whether nothing would be lost with the present session. */
  isIdle(): boolean
  /** Goes to the other server. */
  go(): void
}

/** Leaves a server that is about to stop: as soon as nothing is lost by it, and in any case before the server is gone. */
export class HandOver {
  readonly #clock: Clock
  readonly #host: HandOverHost
  #timer: unknown = null

  constructor(clock: Clock, host: HandOverHost) {
    this.#clock = clock
    this.#host = host
  }

  begin(withinMs: number): void {
    this.stop()
    this.#look(this.#clock.now() + withinMs * LATEST)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(latestMs: number): void {
    const leftMs = latestMs - this.#clock.now()
    if (this.#host.isIdle() || leftMs <= 0) this.#host.go()
    else this.#timer = this.#clock.setTimeout(() => this.#look(latestMs), Math.min(LOOK_MS, leftMs))
  }
}
