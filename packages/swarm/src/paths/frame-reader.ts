/**
 * How data and control messages share a stream of bytes:
 *
 *     length   3 bytes LE, of what follows, at least 2
 *     kind     1 byte: 0 data, 1 a sealed control message
 *     bytes
 *
 * The length has the place that it has in a secret stream, because UDX reads streams of HyperDHT by it.
 */
import b4a from 'b4a'
import { MAX_CONTROL_BYTES } from './control.js'
import { pathViolation } from './errors.js'
import { SEAL_BYTES } from './seal.js'

/** Kinds of frames, and of messages on a data channel. */
export const FRAME_KIND = { data: 0, control: 1 } as const
export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND]

const HEADER_BYTES = 4

/** Where the frames go. */
export interface FrameListener {
  /** Part of a data frame. */
  onData(bytes: Uint8Array): void
  onControl(sealed: Uint8Array): void
}

/** The header of a frame of this many bytes. */
export function frameHeader(kind: FrameKind, byteLength: number): Uint8Array {
  const length = byteLength + 1
  return b4a.from([length & 0xff, (length >>> 8) & 0xff, length >>> 16, kind])
}

/** Splits a stream into frames. Data are passed on as they come, and never copied. */
export class FrameReader {
  readonly #listener: FrameListener
  readonly #header = b4a.alloc(HEADER_BYTES)
  #headerFill = 0
  /** Bytes of the current frame that are still to come. */
  #left = 0
  /** The control message that is being collected. */
  #control: Uint8Array | null = null

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  /** Throws PATH_VIOLATION on what is not a frame. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this.#left === 0) {
        this.#header[this.#headerFill++] = chunk[at++] ?? 0
        if (this.#headerFill === HEADER_BYTES) this.#onHeader()
      } else {
        const part = chunk.subarray(at, at + this.#left)
        at += part.byteLength
        this.#readBody(part)
      }
    }
  }

  #onHeader(): void {
    const [low = 0, middle = 0, high = 0, kind] = this.#header
    this.#headerFill = 0
    this.#left = low + middle * 0x100 + high * 0x10000 - 1
    const isControl = kind === FRAME_KIND.control
    if (this.#left < 1 || (!isControl && kind !== FRAME_KIND.data)) throw pathViolation('bytes that are not a frame')
    if (!isControl) return
    if (this.#left > MAX_CONTROL_BYTES + SEAL_BYTES) throw pathViolation('a control message is too long')
    this.#control = b4a.allocUnsafeSlow(this.#left)
  }

  #readBody(part: Uint8Array): void {
    const control = this.#control
    control?.set(part, control.byteLength - this.#left)
    this.#left -= part.byteLength
    if (control === null) this.#listener.onData(part)
    else if (this.#left === 0) {
      this.#control = null
      this.#listener.onControl(control)
    }
  }
}
