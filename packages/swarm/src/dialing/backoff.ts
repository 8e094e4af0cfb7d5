import type { Clock } from '@swarmway/runtime'
import type { PeerInfo } from '../peers/peer-info.js'
import { type RedialSteps, USUAL_STEPS } from './outcome.js'

/** Number of consecutive dials that failed to open after which a peer is forgotten until it is found again. */
export const MAX_FAILURES = 8
/** Finite, and enough to reach any ceiling from one millisecond. */
const MAX_DOUBLINGS = 40

/** The waits between dials; see the options `backoffs` and `jitter`. */
export interface BackoffSettings {
  readonly backoffs: readonly number[]
  readonly jitter: number
}

/**
 * Milliseconds until the next dial of `info`, or null if it is not redialled automatically.
 *
 * The first three waits are `backoffs[0..2]`, shifted by one step for a peer that has never opened. After that the wait
 * doubles up to the ceiling, the last of `backoffs`, and stays there for as long as the peer is wanted. `steps` moves
 * that within bounds, by what the last failure says.
 */
export function nextDialMs(
  info: PeerInfo,
  settings: BackoffSettings,
  random: () => number,
  steps: RedialSteps = USUAL_STEPS
): number | null {
  if (info.banned || info.parked || !info.reconnecting) return null
  if (info.failures - info.spared >= MAX_FAILURES && !info.explicit) return null
  const step = info.attempts - info.spared - (info.proven || steps.isThere ? 1 : 0)
  const bounded = Math.min(Math.max(0, step, steps.least), steps.most)
  return waitAtStep(bounded, settings.backoffs) + Math.round(random() * settings.jitter)
}

function waitAtStep(step: number, backoffs: readonly number[]): number {
  const ceilingMs = backoffs[backoffs.length - 1] ?? 0
  const lastFixed = Math.max(0, backoffs.length - 2)
  if (step <= lastFixed) return backoffs[step] ?? ceilingMs
  const doubledMs = (backoffs[lastFixed] ?? ceilingMs) * 2 ** Math.min(step - lastFixed, MAX_DOUBLINGS)
  return Math.min(Math.max(doubledMs, 1), ceilingMs)
}

/** Holds the peers in backoff, and hands each over when its wait has passed. */
export class RetryTimer {
  readonly #clock: Clock
  readonly #onDue: (info: PeerInfo) => void
  readonly #timers = new Map<PeerInfo, unknown>()

  constructor(clock: Clock, onDue: (info: PeerInfo) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  get size(): number {
    return this.#timers.size
  }

  add(info: PeerInfo, delayMs: number): void {
    this.remove(info)
    info.waiting = true
    const fire = () => {
      this.remove(info)
      this.#onDue(info)
    }
    this.#timers.set(info, this.#clock.setTimeout(fire, delayMs))
  }

  remove(info: PeerInfo): void {
    if (!info.waiting) return
    info.waiting = false
    this.#clock.clearTimeout(this.#timers.get(info))
    this.#timers.delete(info)
  }

  /** Ends every wait and returns the peers that waited. */
  drain(): PeerInfo[] {
    const waiting = [...this.#timers.keys()]
    for (const info of waiting) this.remove(info)
    return waiting
  }
}
