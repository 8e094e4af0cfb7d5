import type { Signal } from './control.js'

/** The stream on top. */
export interface MultipathListener {
  /** Bytes, or the end, can be read. */
  onReadable(): void
  /** More can be written. */
  onRoom(): void
  /** The peer has everything before `offset`. */
  onAcked(offset: number): void
  /** The peer has everything, and knows that nothing follows. */
  onFinished(): void
  /** The last path is gone, the peer closed the connection, or it broke the rules. */
  onFailure(error: Error | null): void
}

/** Opens and closes further paths. */
export interface PathObserver {
  onSignal(signal: Signal): void
  /** What we send takes another path now. */
  onActive(pathId: number): void
  onLost(pathId: number, error: Error | null): void
  /** Data were sent on a path. */
  onSent(pathId: number, byteLength: number): void
  /** A replacement of the path that the connection began with is ready, should the current path die. */
  onSpare(pathId: number): void
  /** Somebody who is not the peer sent a control message. */
  onRefused(): void
}

/** Wants to hear nothing. */
export const NO_OBSERVER: PathObserver = {
  onSignal: ignore,
  onActive: ignore,
  onLost: ignore,
  onSent: ignore,
  onSpare: ignore,
  onRefused: ignore
}

function ignore(): void {}
