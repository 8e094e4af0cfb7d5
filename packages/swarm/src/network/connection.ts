import type { AnyEmitter } from '@swarmway/runtime'

/**
 * The encrypted connection to a peer, an `@hyperswarm/secret-stream` at run time: a duplex stream of bytes that
 * preserves the boundaries of writes. Declared here by shape, for the part that applications use.
 */
export interface Connection extends AnyEmitter {
  /** Our own public key. */
  readonly publicKey: Uint8Array
  /** The public key that the remote has proved to hold. */
  readonly remotePublicKey: Uint8Array
  /** Unique to this connection and the same on both sides. */
  readonly handshakeHash: Uint8Array | null
  /** Whether this side dialled. */
  readonly isInitiator: boolean
  /** Resolves to true when the connection is open, to false if it closes before that. */
  readonly opened: Promise<boolean>
  /** Free for use by the application. */
  userData: unknown
  /** The connection itself, for code that wraps it. */
  readonly noiseStream: Connection
  /** The transport underneath. */
  readonly rawStream: RawStream | null
  /** Bytes of decrypted messages received, keep-alives included. */
  readonly rawBytesRead: number
  readonly rawBytesWritten: number
  readonly connected: boolean
  readonly destroying: boolean
  readonly destroyed: boolean
  /** Milliseconds between keep-alives, 0 for none. */
  readonly keepAlive: number
  /** Milliseconds without a byte after which the connection is destroyed, 0 for never. */
  readonly timeout: number
  setKeepAlive(intervalMs: number): void
  setTimeout(timeoutMs: number): void
  sendKeepAlive(): void
  /** Resolves to true once everything written so far has reached the remote's transport. */
  flush(): Promise<boolean>
  /** Sends an unordered, unreliable message; it arrives as a `message` event or not at all. */
  send(message: Uint8Array): Promise<void> | undefined
  trySend(message: Uint8Array): void
  /** False if the caller should wait for `drain`. */
  write(data: Uint8Array | string): boolean
  end(data?: Uint8Array | string): this
  read(): Uint8Array | null
  pause(): this
  resume(): this
  pipe<Destination>(destination: Destination, callback?: (error: Error | null) => void): Destination
  destroy(error?: Error | null): void
  on<K extends keyof ConnectionEvents>(event: K, listener: (...args: ConnectionEvents[K]) => void): this
  once<K extends keyof ConnectionEvents>(event: K, listener: (...args: ConnectionEvents[K]) => void): this
  off<K extends keyof ConnectionEvents>(event: K, listener: (...args: ConnectionEvents[K]) => void): this
  removeListener<K extends keyof ConnectionEvents>(event: K, listener: (...args: ConnectionEvents[K]) => void): this
  listenerCount(event: keyof ConnectionEvents): number
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array>
}

/** Events of a {@link Connection}. */
export interface ConnectionEvents {
  open: []
  connect: []
  data: [data: Uint8Array]
  message: [message: Uint8Array]
  readable: []
  end: []
  drain: []
  finish: []
  error: [error: Error]
  close: []
}

/** The transport under a connection: a UDX stream, or a stream carried by a proxy. */
export interface RawStream extends AnyEmitter {
  readonly bytesReceived: number
  readonly bytesTransmitted: number
  once(event: 'data', listener: () => void): unknown
  removeListener(event: 'data', listener: () => void): unknown
}
