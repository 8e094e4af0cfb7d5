import { FittedWindow } from '@swarmway/runtime'
import { DEFAULT_WINDOW_BYTES, findWindowWord, type UdxStream } from './window-word.js'

const MIN_WINDOW_BYTES = 256 * 1024
/** Peers are told no larger window than UDX itself has. */
export const MAX_WINDOW_BYTES = DEFAULT_WINDOW_BYTES
/** Settings of a {@link ReceiveWindow}. */
export interface ReceiveWindowOptions {
  /** Bytes that may wait before `onOverflow` is called; only a peer that ignores the window gets there. */
  maxHeldBytes: number
  /** Called for every packet beyond `maxHeldBytes`. */
  onOverflow(): void
  /** Milliseconds; monotonic. */
  now(): number
}

/**
 * Makes the sender of a UDX stream go at the pace of the reader. UDX acknowledges and stores what arrives whether it is
 * read or not; but every packet names the receiver's window, which senders respect, and which is settable here. What is
 * pushed and not read yet (`pause()` on the stream is the usual cause) is taken off the window. At 0 the sender stops,
 * and `write` asks its application to wait.
 *
 * The window grows with what is read in a round trip, so it never limits a reader that keeps up, while a slow reader
 * makes a peer fill a quarter of a megabyte and not four. See docs/decisions/0032-receive-window.md.
 */
export class ReceiveWindow {
  /** Bytes that arrived and were not read yet. */
  heldBytes = 0
  readonly #stream: UdxStream
  readonly #options: ReceiveWindowOptions
  readonly #size: FittedWindow
  #word: number | null = null
  #limitBytes = MAX_WINDOW_BYTES
  /** The window that the sender knows of: acknowledgements follow each arrival and name it. */
  #knownBytes = MAX_WINDOW_BYTES

  /** Call it once the stream has its reader: it listens to `data`, which makes a stream flow. */
  constructor(stream: UdxStream, options: ReceiveWindowOptions) {
    this.#stream = stream
    this.#options = options
    this.#size = new FittedWindow({ minBytes: MIN_WINDOW_BYTES, maxBytes: MAX_WINDOW_BYTES }, options)
    const { push } = stream
    stream.push = (chunk) => {
      if (chunk !== null) this.#onArrived(chunk.byteLength)
      return push.call(stream, chunk)
    }
    stream.on('data', (chunk) => this.#onRead(chunk.byteLength))
    void findWindowWord(stream.udx).then((word) => {
      this.#word = word
      this.#open()
    })
  }

  /** Most bytes to let wait, however fast the reader was before; default 4 MiB. For sharing memory among streams. */
  get limitBytes(): number {
    return this.#limitBytes
  }

  set limitBytes(bytes: number) {
    this.#limitBytes = bytes
    this.#open()
  }

  /** Whether the sender is slowed down: false if this build of udx-native offers no way. */
  get isEffective(): boolean {
    return this.#word !== null
  }

  get #targetBytes(): number {
    return Math.min(this.#size.sizeBytes, this.#limitBytes)
  }

  #onArrived(bytes: number): void {
    this.heldBytes += bytes
    this.#knownBytes = this.#write()
    if (this.heldBytes > this.#options.maxHeldBytes) this.#options.onOverflow()
  }

  #onRead(bytes: number): void {
    // What waited in the stream before it had a window was not counted.
    this.heldBytes = Math.max(0, this.heldBytes - bytes)
    this.#size.onRead(bytes, this.#stream.rtt)
    this.#open()
  }

  /**
   * Offers what is free. A sender that may be waiting hears of it at once, by an empty message, and not after its probe
   * of a second; but only once half the window is free, so that it does not hear of every packet that was read.
   */
  #open(): void {
    const windowBytes = this.#write()
    const halfBytes = this.#targetBytes / 2
    if (this.#knownBytes >= halfBytes || windowBytes < halfBytes) return
    this.#knownBytes = windowBytes
    if (this.#word !== null) this.#stream.trySend(NOTHING)
  }

  #write(): number {
    const windowBytes = Math.max(0, this.#targetBytes - this.heldBytes)
    if (this.#word !== null) this.#stream._view[this.#word] = windowBytes
    return windowBytes
  }
}

const NOTHING = new Uint8Array(0)
