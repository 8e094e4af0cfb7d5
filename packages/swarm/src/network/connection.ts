import type { AnyEmitter, AnyListener } from '@swarmway/runtime'

/** Called when what was written has reached the transport, or with why it never will. */
export type WriteCallback = (error?: Error | null) => void

/** Encodings of text that a connection writes, in every environment. */
export type TextEncoding = 'utf8' | 'utf-8' | 'ascii' | 'latin1' | 'base64' | 'hex' | 'utf16le'

/** Bytes as the platform has them: `Buffer` where it is declared, as it is with Node's types, else `Uint8Array`. */
export type PlatformBytes = typeof globalThis extends { Buffer: { prototype: infer Bytes extends Uint8Array } }
  ? Bytes
  : Uint8Array

/** Called when a pipe has ended. */
export type PipeCallback = (error: Error | null) => void

/** A method that takes a listener. A listener of bytes may ask for `Buffer`, which they are in Node. */
export interface ListenToConnection<Self> {
  <Bytes extends Uint8Array = Uint8Array>(event: 'data' | 'message', listener: (data: Bytes) => void): Self
  <K extends keyof ConnectionEvents>(event: K, listener: (...args: ConnectionEvents[K]) => void): Self
}

/**
 * The way that the bytes of a connection take: through a proxy server; directly to the peer, by WebRTC; or as the DHT node
 * has it, directly or through relays of the DHT. A native peer of a proxied one has that too: to its node, the proxy
 * server is the peer's host.
 */
export type ConnectionPath = 'proxied' | 'direct' | 'native'

/**
 * The encrypted connection to a peer, an `@hyperswarm/secret-stream` at run time: a duplex stream of bytes that
 * keeps the boundaries of what was written. Declared here by shape, for the part that applications use, and so that
 * Node's functions that take a duplex stream take it.
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
  /**
   * A field of `@hyperswarm/secret-stream` that Protomux and Hypercore share: the first of them on a connection keeps its
   * muxer here, and the others find it. Leave it alone, and keep what is yours in a `WeakMap` by connection.
   */
  userData: unknown
  /** The connection itself, for code that wraps it. */
  readonly noiseStream: Connection
  /** Which way its bytes take; see {@link ConnectionPath}. The event `path` says when that changes. */
  readonly path: ConnectionPath
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
  readonly readable: boolean
  readonly writable: boolean
  /**
   * False when the caller should wait for `drain`. `callback` is called when all written so far has reached the
   * transport, or with an error, CLOSED, if the connection closes before that.
   */
  write(data: Uint8Array | string, callback?: WriteCallback): boolean
  write(data: string, encoding?: TextEncoding, callback?: WriteCallback): boolean
  /** `callback` is called when all has been written. */
  end(callback?: () => void): this
  end(data: Uint8Array | string, callback?: () => void): this
  end(data: string, encoding?: TextEncoding, callback?: () => void): this
  /** The next message; null if none is there. `Bytes` may be `Buffer` in Node. */
  read<Bytes = Uint8Array | null>(): Bytes
  pause(): this
  resume(): this
  isPaused(): boolean
  /** Has `data` be text: what is read, and what listeners get, is a string from then on. */
  setEncoding(encoding: TextEncoding): this
  unshift(chunk: Uint8Array | string): void
  /** To one destination only; `callback` is called at the end of both. */
  pipe<Destination>(destination: Destination, callback?: PipeCallback | object): Destination
  /** Never there: streamx cannot undo a pipe. Declared because Node's type of a stream has it. */
  unpipe(destination?: unknown): never
  /** Never there, as `unpipe`. */
  wrap(stream: unknown): never
  destroy(error?: Error | null): void
  on: ListenToConnection<this>
  once: ListenToConnection<this>
  off: ListenToConnection<this>
  addListener: ListenToConnection<this>
  removeListener: ListenToConnection<this>
  prependListener: ListenToConnection<this>
  prependOnceListener: ListenToConnection<this>
  removeAllListeners(event?: string | symbol): this
  listenerCount(event: string | symbol): number
  listeners(event: string | symbol): AnyListener[]
  rawListeners(event: string | symbol): AnyListener[]
  eventNames(): (string | symbol)[]
  getMaxListeners(): number
  setMaxListeners(count: number): this
  [Symbol.asyncIterator](): AsyncIterableIterator<PlatformBytes>
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
  /** The bytes that we send take another way from now on. */
  path: [path: ConnectionPath]
}

/** The transport under a connection: a UDX stream, or a stream carried by a proxy. */
export interface RawStream extends AnyEmitter {
  readonly bytesReceived: number
  readonly bytesTransmitted: number
  /** UDX only: packets received, acknowledgements included. */
  readonly packetsReceived?: number
  /** UDX only: bytes sent and not acknowledged yet. */
  readonly inflight?: number
  /** UDX only: the smoothed round-trip time in milliseconds. */
  readonly rtt?: number
  once(event: 'data', listener: () => void): unknown
  removeListener(event: 'data', listener: () => void): unknown
}
