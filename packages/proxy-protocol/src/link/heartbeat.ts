import { type Clock, unref } from '@swarmway/runtime'

/** A check that is late by more than this part of the interval does not count. */
const LATE_SHARE = 0.25
/**
 * Late checks in a row that do not count. Where every check is late, as in a hidden tab whose timers fire once a
 * minute, a dead link is still noticed.
 */
const MAX_LATE_CHECKS = 10

/** Options of a {@link Heartbeat}. */
export interface HeartbeatOptions {
  /** Milliseconds between two checks. */
  readonly intervalMs: number
  /** Checks without new bytes after which the link is dead. */
  readonly misses: number
  readonly pingsAlways: boolean
}

/**
 * Notices a black hole. Each check asks whether anything arrived since the previous one. Checks are counted instead
 * of comparing times, so that a machine that slept wakes up with its full number of misses left. A late check does not
 * count: this process stood still, and bytes may wait unread in the socket.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #misses: number
  readonly #onSilence: (isDead: boolean) => void
  readonly #pingsAlways: boolean
  #timer: unknown = null
  #dueMs = 0
  #missed = -1
  #late = 0

  /**
   * Starts at once. Calls `onSilence` after every check that found nothing new: the caller should ping the other side
   * or, after `misses` such checks, consider it dead. With `pingsAlways`, after every check, so that the link
   * carries something in each interval, in both directions.
   */
  constructor(
    clock: Clock,
    { intervalMs, misses, pingsAlways }: HeartbeatOptions,
    onSilence: (isDead: boolean) => void
  ) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#misses = misses
    this.#pingsAlways = pingsAlways
    this.#onSilence = onSilence
    this.#arm()
  }

  /** Bytes arrived. */
  touch(): void {
    this.#missed = -1
    this.#late = 0
  }

  /** Stops for good. */
  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #arm(): void {
    this.#dueMs = this.#clock.now() + this.#intervalMs
    this.#timer = unref(this.#clock.setTimeout(() => this.#look(), this.#intervalMs))
  }

  #look(): void {
    const lateMs = this.#clock.now() - this.#dueMs
    const isExcused = lateMs > this.#intervalMs * LATE_SHARE && this.#late < MAX_LATE_CHECKS
    if (isExcused) this.#late++
    else this.#missed++
    if (this.#missed < this.#misses) this.#goOn(isExcused)
    // In the turn between the two timers, everything is read that waits in the socket.
    else this.#timer = unref(this.#clock.setTimeout(() => this.#judge(), 0))
  }

  #judge(): void {
    this.#timer = null
    if (this.#missed >= this.#misses) this.#onSilence(true)
    else this.#goOn(false)
  }

  /** After a stall the other side is pinged in any case: it has heard nothing from us either. */
  #goOn(wasLate: boolean): void {
    this.#arm()
    if (this.#pingsAlways || wasLate || this.#missed > 0) this.#onSilence(false)
  }
}
