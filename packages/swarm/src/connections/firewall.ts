import { type Clock, callApplication, throwLater } from '@swarmway/runtime'

/**
 * Decides about a peer: true refuses it. Called before a connection exists: with the handshake's payload for accepted
 * peers, with null for dialled ones. Refusing does not ban: the next attempt asks again. If it throws or rejects,
 * the peer is refused and the error is uncaught.
 */
export type Firewall = (remotePublicKey: Uint8Array, payload: object | null) => boolean | Promise<boolean>

/** Runs the application's firewall: synchronously if it answers synchronously, otherwise with a deadline. */
export class FirewallCheck {
  readonly #firewall: Firewall | null
  readonly #timeoutMs: number
  readonly #clock: Clock
  /** Functions that end each pending wait by refusing. */
  readonly #undecided = new Set<() => void>()

  constructor(firewall: Firewall | null, timeoutMs: number, clock: Clock) {
    this.#firewall = firewall
    this.#timeoutMs = timeoutMs
    this.#clock = clock
  }

  /** True refuses. A firewall that is too late, throws or rejects also refuses; its error is uncaught. */
  refuses(remotePublicKey: Uint8Array, payload: object | null): boolean | Promise<boolean> {
    const firewall = this.#firewall
    if (firewall === null) return false
    const refuse = (): boolean | Promise<boolean> => true
    const answer = callApplication(() => firewall(remotePublicKey, payload), refuse)
    return isPromise(answer) ? this.#withDeadline(answer) : Boolean(answer)
  }

  /** Refuses everything undecided, because the swarm is going away. */
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
      const fail = (error: unknown) => {
        throwLater(error)
        settle(true)
      }
      Promise.resolve(answer).then((refuses) => settle(Boolean(refuses)), fail)
    })
  }
}

function isPromise(value: unknown): value is Promise<boolean> {
  return typeof value === 'object' && value !== null && 'then' in value
}
