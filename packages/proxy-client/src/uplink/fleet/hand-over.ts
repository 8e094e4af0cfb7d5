import type { Clock } from '@swarmway/runtime'

/** Milliseconds between two looks whether anything would be lost. */
const LOOK_MS = 250
/** The part of the time after which the client goes in any case. */
const LATEST = 0.7

/** What a hand-over needs of the uplink. */
export interface HandOverHost {
  /** Whether nothing would be lost with the present session. */
  isIdle(): boolean
  /** Goes to another server: with `isForced`, whatever is lost by it. */
  go(isForced: boolean): void
}

/**
 * Leaves a server that is about to stop: once as soon as nothing is lost by it, and in any case before the server is gone.
 * The first time, a stream that begins meanwhile keeps the client where it is.
 */
export class HandOver {
  readonly #clock: Clock
  readonly #host: HandOverHost
  #timer: unknown = null
  #hasTried = false

  constructor(clock: Clock, host: HandOverHost) {
    this.#clock = clock
    this.#host = host
  }

  /** The server stops in `withinMs`; not to leave it before `atLeastMs` have passed. */
  begin(withinMs: number, atLeastMs = 0): void {
    this.stop()
    this.#hasTried = false
    const latestMs = this.#clock.now() + withinMs * LATEST
    if (atLeastMs > 0) this.#timer = this.#clock.setTimeout(() => this.#look(latestMs), atLeastMs)
    else this.#look(latestMs)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(latestMs: number): void {
    const leftMs = latestMs - this.#clock.now()
    if (leftMs <= 0) this.#host.go(true)
    else this.#wait(latestMs, leftMs)
  }

  #wait(latestMs: number, leftMs: number): void {
    const isEarly = !this.#hasTried && this.#host.isIdle()
    this.#hasTried ||= isEarly
    const waitMs = this.#hasTried ? leftMs : Math.min(LOOK_MS, leftMs)
    this.#timer = this.#clock.setTimeout(() => this.#look(latestMs), waitMs)
    if (isEarly) this.#host.go(false)
  }
}
