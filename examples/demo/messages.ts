/** The messages between the demo's processes, over Node's IPC channel. */

/** An address that a DHT node can be reached at. */
export interface Address {
  host: string
  port: number
}

/** A peer with its own UDP, and one that has only a WebSocket. */
export type Role = 'native' | 'proxied'

/** The first message to a peer process. */
export interface Start {
  type: 'start'
  role: Role
  /** Bootstrap nodes of the private DHT; for the native peer. */
  bootstrap: Address[]
  /** WebSocket URL of the proxy server; for the proxied peer. */
  proxyUrl: string
  /** Folder of this peer's Corestore. */
  storage: string
  blocks: number
  blockBytes: number
}

/** From the parent to a peer process. */
export type ToPeer =
  | Start
  /** Join the topic now, and fetch the Hypercore of the other peer. Both in hex. */
  | { type: 'join'; topic: string; coreKey: string }
  | { type: 'stop' }

/** From a peer process to the parent. Durations are in milliseconds, keys in hex. */
export type FromPeer =
  /** `udpSockets` is how many the process has open; null if the system does not say. */
  | { type: 'online'; publicKey: string; udpSockets: number | null }
  | { type: 'written'; coreKey: string; digest: string; ms: number }
  | { type: 'connected'; remotePublicKey: string; isDialler: boolean; ms: number }
  /** The link to the proxy server was lost. */
  | { type: 'cut' }
  /** There is a link again, `ms` after the loss. */
  | { type: 'relinked'; isResumed: boolean; ms: number }
  | { type: 'progress'; blocks: number }
  | { type: 'replicated'; ms: number }
  /** `connections` is the total number of `connection` events. */
  | { type: 'verified'; digest: string; connections: number }
  | { type: 'failed'; reason: string }
