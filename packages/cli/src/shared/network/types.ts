import type { SwarmCore } from '@swarmway/swarm'
import type { CliError } from '../errors/cli-error.js'

/** Events of a network. */
export interface NetworkListener {
  /** The proxy server is gone for now, or refuses us for now; the client reconnects automatically. */
  onLost?(error: CliError): void
  /** The proxy server is back. */
  onBack?(): void
  /** The proxy server lets no peer dial our key; the error says why. */
  onKeyLost?(error: Error): void
  /** The proxy server refuses us for good. */
  onRefused?(error: Error): void
}

/** A swarm, native or through a proxy server, depending on the options. */
export interface Network {
  readonly swarm: SwarmCore
  readonly isProxied: boolean
  /** URL of the proxy server that has accepted us last; null without one. */
  serverUrl(): string | null
  /** Resolves when the DHT or the proxy server has answered. Rejects with a `CliError` that says why it did not. */
  ready(): Promise<void>
  /** Withdraws announcements and closes everything. */
  destroy(): Promise<void>
}
