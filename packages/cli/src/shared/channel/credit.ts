/** Bytes that may be under way in one direction; a slow reader holds at most this much. */
export const WINDOW_BYTES = 8 * 1024 * 1024

/** Most bytes in one data message. */
export const CHUNK_BYTES = 64 * 1024

/** The payload of a credit message. */
export function encodeCredit(bytes: number): Uint8Array {
  const payload = new Uint8Array(4)
  new DataView(payload.buffer).setUint32(0, bytes, true)
  return payload
}

/** The bytes granted, or null if this is not a credit message. */
export function decodeCredit(payload: Uint8Array): number | null {
  if (payload.byteLength !== 4) return null
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true)
}

/** The number of bytes that may still be sent. */
export class Credit {
  #bytes: number
  #wake: (() => void) | null = null

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Takes `bytes` once that many are available. One caller at a time. */
  async take(bytes: number): Promise<void> {
    while (this.#bytes < bytes) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#bytes -= bytes
  }

  give(bytes: number): void {
    this.#bytes += bytes
    this.#wake?.()
  }
}

/** Counts what was received, and grants credit for what has been taken, an eighth of the window at a time. */
export class Intake {
  readonly #windowBytes: number
  readonly #grant: (bytes: number) => void
  #pendingBytes = 0
  #takenBytes = 0

  constructor(grant: (bytes: number) => void, windowBytes: number = WINDOW_BYTES) {
    this.#grant = grant
    this.#windowBytes = windowBytes
  }

  /** Returns false if the other side has sent more than it was allowed to. */
  receive(bytes: number): boolean {
    this.#pendingBytes += bytes
    return this.#pendingBytes <= this.#windowBytes
  }

  /** These bytes have reached their destination. */
  take(bytes: number): void {
    this.#takenBytes += bytes
    if (this.#takenBytes < this.#windowBytes / 8) return
    this.#grant(this.#takenBytes)
    this.#pendingBytes -= this.#takenBytes
    this.#takenBytes = 0
  }
}
