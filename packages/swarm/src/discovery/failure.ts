/** The argument of a `discovery-error` event. */
export interface DiscoveryFailure {
  /** The topic. */
  readonly topic: Uint8Array
  /** Whether it was to be announced; otherwise it was only to be looked up. */
  readonly isServer: boolean
  /** Why: the code of `error`, or QUERY_FAILED; see docs/errors.md. LIMIT: as many topics are announced as may be. */
  readonly code: string
  /** The error of the DHT node or of the proxy server; its message names the limit, if it was one. */
  readonly error: Error
  /** Milliseconds until the next attempt; null if there is none before something changes. */
  readonly nextTryMs: number | null
}
