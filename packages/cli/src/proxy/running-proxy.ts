import type { Ports } from './server/running-server.js'
import type { Stoppable } from './stop-on-signal.js'

/** `swarmway proxy` once it listens, in one process or several. */
export interface RunningProxy extends Stoppable {
  readonly ports: Ports & { readonly adminPort: number | null }
}
