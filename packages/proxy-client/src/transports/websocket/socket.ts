/** The part of a WebSocket that is used; both `ws` and browsers have it. */
export interface SocketLike {
  /** How binary messages are delivered: `arraybuffer`, or as Uint8Arrays. */
  binaryType: string
  /** Bytes passed to `send` but not yet to the network. */
  readonly bufferedAmount: number
  /** Node only: the address of this machine that it uses. */
  readonly localAddress?: string | undefined
  send(data: Uint8Array): void
  close(code?: number, reason?: string): void
  /** `ws` only: ends the connection without waiting for the other side. */
  terminate?(): void
  /** Node only: the reason in our words, for an error that the socket reports. */
  explain?(error: unknown): unknown
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
  addEventListener(type: 'error', listener: (event: { message?: string; error?: unknown }) => void): void
}
