import type { Clock } from '@swarmway/runtime'
import type { Firewall } from '../options.js'

/** Runs the application's firewall: at once if it answers at once, with a deadline if it does not. */
export class FirewallCheck {
  readonly #firewall: Firewall | null
  readonly #timeoutMs: number
  readonly #clock: Clock
  /** Ends, by refusing, each wait for an answer. */
  readonly #undecided = new Set<() => void>()

  constructor(firewall: Firewall | null, timeoutMs: number, clock: Clock) {
    this.#firewall = firewall
    this.#timeoutMs = timeoutMs
    this.#clock = clock
  }

  /** True refuses; so does a firewall that throws, or that has not answered in time. */
  refuses(remotePublicKey: Uint8Array, payload: object | null): boolean | Promise<boolean> {
    if (this.#firewall === null) return false
    try {
      const answer = this.#firewall(remotePublicKey, payload)
      return isPromise(answer) ? this.#withDeadline(answer) : Boolean(answer)
    } catch {
      return true
    }
  }

  /** Refuses all that is undecided: the swarm is going away. */
  destroy(): void {
    for (const refuse of this.#undecided) refuse()
  }

  #withDeadline(answer: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const refuse = () => settle(true)
      const timer = this.#clock.setTimeout(refuse, this.#timeoutMs)
      const settle = (refuses: boolean) => {
        this.#clock.clearTimeout(timer)
        this.#undecided.delete(refuse)
        resolve(refuses)
      }
      this.#undecided.add(refuse)
      answer.then(
        (refuses) => settle(Boolean(refuses)),
        () => settle(true)
      )
    })
  }
}

function isPromise(value: unknown): value is Promise<boolean> {
  return typeof value === 'object' && value !== null && 'then' in value
}
