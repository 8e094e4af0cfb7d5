import type { NodeServer } from './dht-node.js'

/** Reports what may mean that the network is gone, or was. */
export interface NetworkWatcher {
  /** The process slept: old paths count for nothing. */
  onBreak(): void
  /** The machine has other addresses than before, or others see it under another one. */
  onMove(): void
  /** Something failed that fails without a network. */
  onSuspicion(): void
}

/** What a node whose network may go away lets a swarm find out and repair. A node without one reports `online` itself. */
export interface NetworkProbe {
  /** Asks a few nodes, one packet each. Resolves to whether any answers, within a second or so. Never rejects. */
  ask(): Promise<boolean>
  /** Begins to watch the node. The returned function ends that. */
  watch(watcher: NetworkWatcher): () => void
  /** The network answers again: corrects what the node believes of it. */
  revive(): void
  /** Announces the server at once instead of in its own time. */
  announce(server: NodeServer): void
  /** Whether other nodes know a way to the server, or none is needed. */
  isAnnounced(server: NodeServer): boolean
}
