import type { FrameKind } from './frame-reader.js'

/** What a transport reports. It calls none of these from within a call to the transport. */
export interface TransportListener {
  /** Data arrived, in order. */
  onData(bytes: Uint8Array): void
  /** A sealed control message arrived, in order with the data. */
  onControl(sealed: Uint8Array): void
  /** It can take more data. */
  onWritable(): void
  /** It has ended; with an error unless the other end closed it. */
  onClosed(error: Error | null): void
}

/** Carries the bytes of one path, reliably and in order: the proxied stream, or a data channel. */
export interface PathTransport {
  /** The most bytes of data to pass at once. */
  readonly maxDataBytes: number
  /** False while it still has enough to send. `onWritable` says when that is over. */
  readonly isWritable: boolean
  /** Called once, before anything else. */
  listen(listener: TransportListener): void
  /** Sends these together, control messages also while it is not writable. Returns how many bytes they have. */
  send(kind: FrameKind, parts: readonly Uint8Array[]): number
  /** Closes it once everything has been sent. */
  end(): void
  /** Closes it now. */
  destroy(error: Error | null): void
}
