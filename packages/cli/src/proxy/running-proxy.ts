import type { Ports } from './server/running-server.js'

/** `swarmway proxy` once it listens, in one process or several. */
export interface RunningProxy {
  readonly ports: Ports & { readonly adminPort: number | null }
  /** Drains and ends. */
  stop(): Promise<void>
}
