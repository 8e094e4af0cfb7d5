import type { Clock } from '@swarmway/runtime'
import type { OfflineState } from '@swarmway/swarm/core'
import { type NodeHealth, watchNode } from '@swarmway/swarm/hyperdht'
import type { HyperDht } from './hyperdht.js'

/** Told whether the DHT answers. */
export interface DhtHealthListener {
  onOffline(state: OfflineState): void
  /** Nodes answer again, after that or, without `wasOffline`, after a break such as sleep. */
  onBack(wasOffline: boolean): void
}

/** Whether the DHT answers the server. */
export class DhtHealth {
  readonly #health: NodeHealth | null
  #listener: DhtHealthListener | null = null

  constructor(dht: HyperDht | null, clock: Clock) {
    const listener = {
      onNetworkChange: () => {},
      onOffline: (state: OfflineState) => this.#listener?.onOffline(state),
      onBack: (wasOffline: boolean) => this.#listener?.onBack(wasOffline)
    }
    this.#health = dht && watchNode(dht, { clock, random: Math.random }, listener)
  }

  /** Null while it answers, as far as is known, and without a DHT. */
  get offline(): OfflineState | null {
    return this.#health?.offline ?? null
  }

  /** Whether there is a DHT that answers, as far as is known. */
  get isOnline(): boolean {
    return this.#health !== null && this.#health.offline === null
  }

  start(listener: DhtHealthListener): void {
    this.#listener = listener
    this.#health?.start()
  }

  stop(): void {
    this.#health?.stop()
  }

  /** A query has ended: whether any node has answered. */
  onEvidence(isAnswered: boolean): void {
    this.#health?.onEvidence(isAnswered)
  }
}
