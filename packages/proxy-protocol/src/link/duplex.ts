/**
 * What a link needs from a duplex. Node's `stream.Duplex` (sockets, pipes, `ws` wrappers) and streamx's `Duplex` both
 * satisfy it. Chunks must be `Uint8Array`s.
 */
export interface DuplexLike {
  /** Queues bytes; false asks the caller to wait for 'drain'. */
  write(chunk: Uint8Array): boolean
  /**
   * Optional, for transports that encrypt: like `write`, for data of a stream, which the two peers have encrypted end to end.
   * Default: `write`.
   */
  writePayload?(chunk: Uint8Array): boolean
  /** Ends the writable side once everything queued is written. */
  end(chunk?: undefined): unknown
  /** Optional: whether it is already destroyed, in which case no event will follow. */
  readonly destroyed?: boolean
  /**
   * Optional, as Node's sockets have it: the address of this machine that it uses. When the machine loses that address, a
   * client replaces the link at once instead of waiting for an answer.
   */
  readonly localAddress?: string | undefined
  /** Tears the duplex down. */
  destroy(error?: Error): unknown
  /** Events used: data, drain, end, close, error. */
  on(event: string, listener: (...args: unknown[]) => void): unknown
  /** The counterpart of `on`. */
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown
  /** Optional: delivers nothing until `resume`, so that the other end has to wait. */
  pause?(): unknown
  /** Optional: the counterpart of `pause`. */
  resume?(): unknown
  /** Optional: holds back writes until `uncork`, so that they go out together (one system call on a Node socket). */
  cork?(): void
  /** Optional: the counterpart of `cork`. */
  uncork?(): void
  /**
   * Optional, for transports that buffer what they parse: destroys itself when it has received more than `maxBytes` in
   * total, its own framing included; null lifts the limit. See `Link.limitInput`.
   */
  limitInput?(maxBytes: number | null): void
}
