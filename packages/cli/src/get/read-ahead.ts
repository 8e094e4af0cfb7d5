import type { Blob } from '../share/packages.js'

/** Bytes of blocks that may wait in memory to be written, and how many of them, however small. */
export const MAX_AHEAD_BYTES = 16 * 1024 * 1024
const MAX_AHEAD_BLOCKS = 256
/** Bytes that are requested at once if blocks are large: a long line must not run dry meanwhile. */
const REFILL_BYTES = 1024 * 1024
/** How many are requested before it is known how large they are. */
const FIRST_BLOCKS = 8

/** A block that was requested. */
interface Ahead {
  readonly file: number
  readonly index: number
  readonly block: Promise<Uint8Array>
}

/** Requests the blocks of several files, in order and before they are needed, across the ends of files. */
export class ReadAhead {
  readonly #blobs: readonly Blob[]
  readonly #fetch: (index: number) => Promise<Uint8Array>
  readonly #skipOf: (file: number) => number
  #ahead: Ahead[] = []
  /** What to request next: a file, and how many of its blocks have been requested. */
  #file = 0
  #blocks: number
  #taken = 0
  #largestBytes = 1

  /** `skipOf` says how many blocks of a file are not needed. */
  constructor(
    blobs: readonly Blob[],
    fetch: (index: number) => Promise<Uint8Array>,
    skipOf: (file: number) => number = () => 0
  ) {
    this.#blobs = blobs
    this.#fetch = fetch
    this.#skipOf = skipOf
    this.#blocks = skipOf(0)
  }

  /** The next block of a file. Files, and the blocks of each, are taken in order; the end of a file may be left out. */
  async take(file: number, index: number): Promise<Uint8Array> {
    this.#ahead = this.#ahead.filter((ahead) => ahead.file >= file)
    if (this.#file < file) this.#moveTo(file)
    this.#fill()
    const next = this.#ahead.shift()
    if (next?.file !== file || next.index !== index) throw new Error('the unfinished file was changed by somebody else')
    this.#taken++
    return next.block
  }

  #moveTo(file: number): void {
    this.#file = file
    this.#blocks = this.#skipOf(file)
  }

  /** Many at once: what arrives together is stored together. */
  #fill(): void {
    const lacking = this.#maxAhead() - this.#ahead.length
    if (lacking < this.#maxAhead() / 2 && lacking * this.#largestBytes < REFILL_BYTES) return
    while (this.#ahead.length < this.#maxAhead() && this.#requestNext()) {}
  }

  #maxAhead(): number {
    const room = Math.floor(MAX_AHEAD_BYTES / this.#largestBytes)
    return Math.max(1, Math.min(MAX_AHEAD_BLOCKS, room, FIRST_BLOCKS + this.#taken))
  }

  #requestNext(): boolean {
    for (let blob = this.#blobs[this.#file]; blob !== undefined; blob = this.#blobs[this.#file]) {
      if (this.#blocks < blockCount(blob)) {
        this.#largestBytes = Math.max(this.#largestBytes, Math.ceil(blob.byteLength / blockCount(blob)))
        this.#request(blob.blockOffset + this.#blocks++)
        return true
      }
      this.#moveTo(this.#file + 1)
    }
    return false
  }

  #request(index: number): void {
    const block = this.#fetch(index)
    block.then(
      ({ byteLength }) => {
        this.#largestBytes = Math.max(this.#largestBytes, byteLength)
      },
      // The error reaches the caller of `take`.
      () => {}
    )
    this.#ahead.push({ file: this.#file, index, block })
  }
}

/** How many blocks a file can have: the sharer says how many, and a block has at least one byte. */
export function blockCount({ blockLength, byteLength }: Blob): number {
  return Math.min(blockLength, byteLength)
}
