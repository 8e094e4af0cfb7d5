/** Pieces that are kept apart: each costs far more memory than a byte that it may hold. */
const MAX_PIECES = 1024

/** Bytes in the order and in the pieces in which they came. */
export class PieceQueue {
  /** Bytes in the queue. */
  bytes = 0
  #pieces: Uint8Array[] = []

  push(piece: Uint8Array): void {
    this.#pieces.push(piece)
    this.bytes += piece.byteLength
    if (this.#pieces.length > MAX_PIECES) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  /** The first bytes, of which there must be that many; they stay in the queue. */
  peek(count: number): Buffer {
    if ((this.#pieces[0]?.byteLength ?? 0) < count) this.#pieces = [Buffer.concat(this.#pieces)]
    const [first = new Uint8Array(0)] = this.#pieces
    return Buffer.from(first.buffer, first.byteOffset, count)
  }

  /** Removes the first bytes, of which there must be that many. */
  take(count: number): Uint8Array[] {
    const taken: Uint8Array[] = []
    this.bytes -= count
    for (let left = count; left > 0; ) {
      const first = this.#pieces[0] as Uint8Array
      const part = first.byteLength <= left ? first : first.subarray(0, left)
      if (part === first) this.#pieces.shift()
      else this.#pieces[0] = first.subarray(left)
      taken.push(part)
      left -= part.byteLength
    }
    return taken
  }
}
