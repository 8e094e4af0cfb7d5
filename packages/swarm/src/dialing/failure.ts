/** What a `dial-error` event tells. */
export interface DialFailure {
  /** Of the peer that was dialled. */
  publicKey: Uint8Array
  /** How far the dial came. */
  stage: DialStage
  /** Why it ended; see docs/errors.md. */
  code: string
  /** The how-manieth unsuccessful attempt in a row it was. */
  attempt: number
  /** Milliseconds until the next try, null if there will be none until the peer is discovered anew. */
  nextTryMs: number | null
  /** What the DHT node or the connection failed with, if it said anything. */
  error: Error | null
}

/** Finding the peer, its answer to the handshake, reaching it directly, or by relay; our own firewall; time. */
export type DialStage = 'firewall' | 'find' | 'handshake' | 'holepunch' | 'relay' | 'refused' | 'timeout' | 'connect'
