import type { Ports } from './server/running-server.js'

/** A running `swarmway proxy`, in one process or several. */
export interface RunningProxy {
  readonly ports: Ports & { readonly adminPort: number | null }
  /** Drains and stops. */
  stop(): Promise<void>
}
