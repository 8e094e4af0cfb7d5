import type { NetworkProbe, NetworkWatcher } from '../../src/network/network-probe.js'
import type { FakeNetwork } from './fake-network.js'

/** The probe of a fake node: the network answers unless it is dark. */
export class FakeProbe implements NetworkProbe {
  asked = 0
  revived = 0
  announced = 0
  /** Whether other nodes know a way to the server. */
  hasRelays = true
  watcher: NetworkWatcher | null = null
  readonly #network: FakeNetwork

  constructor(network: FakeNetwork) {
    this.#network = network
  }

  async ask(): Promise<boolean> {
    this.asked++
    if (!this.#network.isDark) return true
    await new Promise<void>((resolve) => this.#network.clock.schedule(resolve, 1000))
    return !this.#network.isDark
  }

  watch(watcher: NetworkWatcher): () => void {
    this.watcher = watcher
    return () => {
      this.watcher = null
    }
  }

  revive(): void {
    this.revived++
  }

  announce(): void {
    this.announced++
  }

  isAnnounced(): boolean {
    return this.hasRelays
  }
}
