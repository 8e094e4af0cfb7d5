/** The argument of a `dial-error` event. */
export interface DialFailure {
  /** The public key of the peer that was dialled. */
  publicKey: Uint8Array
  /** How far the dial got. */
  stage: DialStage
  /** Why the dial ended; see docs/errors.md. */
  code: string
  /** Number of consecutive failed attempts, this one included. */
  attempt: number
  /** Milliseconds until the next attempt, null if there will be none until the peer is found again. */
  nextTryMs: number | null
  /** The error of the DHT node or the connection, if there was one. */
  error: Error | null
}

/** Where a dial ended: our own firewall, finding the peer, its handshake, reaching it directly or by relay, or time. */
export type DialStage = 'firewall' | 'find' | 'handshake' | 'holepunch' | 'relay' | 'refused' | 'timeout' | 'connect'
