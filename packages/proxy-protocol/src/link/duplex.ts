/**
 * What a link needs of a duplex. Node's `stream.Duplex` (sockets, pipes, `ws` wrappers) and streamx's `Duplex` both
 * satisfy it. Chunks must be `Uint8Array`s.
 */
export interface DuplexLike {
  /** Queues bytes; false asks to wait for 'drain'. */
  write(chunk: Uint8Array): boolean
  /** Ends the writable side after what is queued. */
  end(chunk?: undefined): unknown
  /** Optional: whether it is gone already, so that no event will tell. */
  readonly destroyed?: boolean
  /** Tears it down. */
  destroy(error?: Error): unknown
  /** Events used: data, drain, end, close, error. */
  on(event: string, listener: (...args: unknown[]) => void): unknown
  /** The counterpart of `on`. */
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown
  /** Optional: writes until `uncork` go out together (one system call on a Node socket). */
  cork?(): void
  /** Optional. */
  uncork?(): void
}
