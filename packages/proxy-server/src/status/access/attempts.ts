import type { Clock } from '@swarmway/swarm/core'
import { networkOf, siteOf } from '../../fairness/network-of.js'

const BURST = 10
const RECOVERY_MS = 6000
/** Networks remembered at once; a new one replaces the one that has been idle longest. */
const MAX_NETWORKS = 1024

interface Allowance {
  left: number
  countedAt: number
}

/**
 * Allows ten wrong tokens per IPv4 address or IPv6 /48, and one more every six seconds. Counted by address, so that a
 * stranger cannot lock anyone else out.
 */
export class Attempts {
  readonly #clock: Clock
  /** Networks that have not recovered; the most recent one is last. */
  readonly #allowances = new Map<string, Allowance>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Number of networks remembered. */
  get size(): number {
    return this.#allowances.size
  }

  /** Counts a wrong token. Returns false if there were too many before it. */
  count(address: string | undefined): boolean {
    const network = siteOf(networkOf(address))
    const { left } = this.#recovered(network)
    if (left < 1) return false
    this.#allowances.delete(network)
    this.#makeRoom()
    this.#allowances.set(network, { left: left - 1, countedAt: this.#clock.now() })
    return true
  }

  /** Seconds until another wrong token from the address is within the limit; 0: now. */
  waitSeconds(address: string | undefined): number {
    const { left } = this.#recovered(siteOf(networkOf(address)))
    return left >= 1 ? 0 : Math.ceil(((1 - left) * RECOVERY_MS) / 1000)
  }

  #recovered(network: string): Allowance {
    const now = this.#clock.now()
    const { left, countedAt } = this.#allowances.get(network) ?? { left: BURST, countedAt: now }
    return { left: Math.min(BURST, left + Math.max(0, now - countedAt) / RECOVERY_MS), countedAt: now }
  }

  #makeRoom(): void {
    for (const network of this.#allowances.keys()) {
      if (this.#allowances.size < MAX_NETWORKS && this.#recovered(network).left < BURST) return
      this.#allowances.delete(network)
    }
  }
}
