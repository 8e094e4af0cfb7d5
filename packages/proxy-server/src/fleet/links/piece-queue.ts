/** Pieces that are kept apart: each costs far more memory than a byte that it may hold. */
const MAX_PIECES = 1024

/** Bytes in the order in which they came. Pieces that lie one behind the other in memory are one. */
export class PieceQueue {
  /** Bytes in the queue. */
  bytes = 0
  #pieces: Buffer[] = []

  push(piece: Buffer): void {
    const last = this.#pieces.at(-1)
    if (last !== undefined && isBehind(last, piece)) this.#pieces[this.#pieces.length - 1] = spanOf(last, piece)
    else this.#pieces.push(piece)
    this.bytes += piece.byteLength
    if (this.#pieces.length > MAX_PIECES) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  /** The first bytes, of which there must be that many; they stay in the queue. */
  peek(count: number): Buffer {
    if ((this.#pieces[0]?.byteLength ?? 0) < count) this.#pieces = [Buffer.concat(this.#pieces)]
    return (this.#pieces[0] as Buffer).subarray(0, count)
  }

  /** Removes the first bytes, of which there must be that many. They are copied only if they lie in several pieces. */
  take(count: number): Buffer {
    this.bytes -= count
    const first = this.#pieces[0] as Buffer
    return first.byteLength >= count ? this.#takeOfFirst(count) : this.#gather(count)
  }

  #takeOfFirst(count: number): Buffer {
    const first = this.#pieces[0] as Buffer
    if (first.byteLength === count) this.#pieces.shift()
    else this.#pieces[0] = first.subarray(count)
    return first.subarray(0, count)
  }

  #gather(count: number): Buffer {
    const gathered = Buffer.allocUnsafe(count)
    for (let filled = 0; filled < count; ) {
      const part = this.#takeOfFirst(Math.min(count - filled, (this.#pieces[0] as Buffer).byteLength))
      filled += part.copy(gathered, filled)
    }
    return gathered
  }
}

function isBehind(first: Buffer, second: Buffer): boolean {
  return first.buffer === second.buffer && first.byteOffset + first.byteLength === second.byteOffset
}

function spanOf(first: Buffer, second: Buffer): Buffer {
  return Buffer.from(first.buffer, first.byteOffset, first.byteLength + second.byteLength)
}
