import { concat } from '../wire/bytes.js'

/** Pieces smaller than this are copied together; larger ones are written as they are. */
const COPY_BELOW_BYTES = 16 * 1024

/** The most that is copied into one write. */
const MAX_WRITE_BYTES = 64 * 1024

/** Collects the frames of a turn and writes them in a few pieces, without copying large payloads. */
export class WriteBatch {
  #chunks: Uint8Array[] = []
  /** Of each chunk, whether it is nothing but data of a stream. */
  #arePayloads: boolean[] = []
  /** Small pieces behind the last chunk, which will be one. */
  #small: Uint8Array[] = []
  #smallBytes = 0
  #bytes = 0

  /** Bytes collected. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds a frame or part of one. */
  add(piece: Uint8Array): void {
    this.#add(piece, false)
  }

  /** Adds data of a stream. */
  addPayload(piece: Uint8Array): void {
    this.#add(piece, true)
  }

  /** Passes everything to `write`, in order; `isPayload` says of chunks that they are nothing but data of a stream. */
  drain(write: (chunk: Uint8Array, isPayload: boolean) => void): void {
    this.#joinSmall()
    const chunks = this.#chunks
    const arePayloads = this.#arePayloads
    this.#chunks = []
    this.#arePayloads = []
    this.#bytes = 0
    for (let i = 0; i < chunks.length; i++) write(chunks[i] as Uint8Array, arePayloads[i] === true)
  }

  #add(piece: Uint8Array, isPayload: boolean): void {
    this.#bytes += piece.byteLength
    if (piece.byteLength < COPY_BELOW_BYTES) this.#addSmall(piece)
    else this.#addLarge(piece, isPayload)
  }

  #addSmall(piece: Uint8Array): void {
    if (this.#smallBytes + piece.byteLength > MAX_WRITE_BYTES) this.#joinSmall()
    this.#small.push(piece)
    this.#smallBytes += piece.byteLength
  }

  #addLarge(piece: Uint8Array, isPayload: boolean): void {
    this.#joinSmall()
    this.#chunks.push(piece)
    this.#arePayloads.push(isPayload)
  }

  #joinSmall(): void {
    const small = this.#small
    if (small.length === 0) return
    this.#chunks.push(small.length === 1 ? (small[0] as Uint8Array) : concat(small, this.#smallBytes))
    this.#arePayloads.push(false)
    this.#small = []
    this.#smallBytes = 0
  }
}
