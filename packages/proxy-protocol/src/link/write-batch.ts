import { concat } from '../wire/bytes.js'

/** Pieces smaller than this are copied together; larger ones are written as they are. */
const COPY_BELOW_BYTES = 16 * 1024

/** The most that is copied into one write. */
const MAX_WRITE_BYTES = 64 * 1024

/** Collects the frames of a turn and writes them in a few pieces, without copying large payloads. */
export class WriteBatch {
  #pieces: Uint8Array[] = []
  /** Pieces of stream data that are written as they are; null: none. */
  #payloads: Set<Uint8Array> | null = null
  #bytes = 0

  /** Bytes collected. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds a frame or part of one. */
  add(piece: Uint8Array): void {
    this.#pieces.push(piece)
    this.#bytes += piece.byteLength
  }

  /** Adds data of a stream. */
  addPayload(piece: Uint8Array): void {
    if (piece.byteLength >= COPY_BELOW_BYTES) {
      this.#payloads ??= new Set()
      this.#payloads.add(piece)
    }
    this.add(piece)
  }

  /** Passes everything to `write`, in order; `isPayload` says of chunks that they are nothing but data of a stream. */
  drain(write: (chunk: Uint8Array, isPayload: boolean) => void): void {
    const pieces = this.#pieces
    this.#pieces = []
    this.#bytes = 0
    const payloads = this.#payloads
    this.#payloads = null
    for (const chunk of merge(pieces)) write(chunk, payloads?.has(chunk) === true)
  }
}

function merge(pieces: readonly Uint8Array[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let small: Uint8Array[] = []
  let bytes = 0
  for (const piece of pieces) {
    const large = piece.byteLength >= COPY_BELOW_BYTES
    if (small.length > 0 && (large || bytes + piece.byteLength > MAX_WRITE_BYTES)) {
      chunks.push(joined(small, bytes))
      small = []
      bytes = 0
    }
    if (large) {
      chunks.push(piece)
    } else {
      small.push(piece)
      bytes += piece.byteLength
    }
  }
  if (small.length > 0) chunks.push(joined(small, bytes))
  return chunks
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : concat(pieces, bytes)
}
