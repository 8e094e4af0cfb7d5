import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import b4a from 'b4a'
import type { Attempt, Target, TargetFile } from '../receive/incoming-transfer.js'
import type { OfferedFile } from '../send/offer.js'
import { crc32 } from './crc32.js'
import type { PartStore } from './parts/part-store.js'

/** Bytes of a piece: what a reload may cost. */
const PIECE_BYTES = 4 * 1024 * 1024

/** The digests of what is there of a file. */
interface Digests {
  readonly sha256: ReturnType<typeof sha256.create>
  crc: number
}

/** A file that is kept in the browser. */
export class BrowserTarget implements Target {
  readonly index: number
  readonly offered: OfferedFile
  /** CRC-32, once it is whole. */
  crc = 0
  readonly #parts: PartStore
  readonly #name: string

  constructor(index: number, offered: OfferedFile, parts: PartStore) {
    this.index = index
    this.offered = offered
    this.#parts = parts
    this.#name = bytesToHex(sha256(new TextEncoder().encode(offered.key))).slice(0, 32)
  }

  /** What is there of it. */
  async content(): Promise<Blob> {
    return new Blob(await this.#parts.read(this.#name))
  }

  async begin(): Promise<Attempt> {
    const pieces = await this.#usablePieces()
    const digests = newDigests()
    for (const piece of pieces) await digest(piece, digests)
    const offset = sizeOf(pieces)
    return {
      offset,
      sha256: offset === 0 ? '' : bytesToHex(digests.sha256.clone().digest()),
      open: async (isResumed) => {
        if (!isResumed) await this.#parts.remove(this.#name)
        return isResumed ? this.#open(offset, pieces.length, digests) : this.#open(0, 0, newDigests())
      }
    }
  }

  /** A file that has become shorter begins again. */
  async #usablePieces(): Promise<Blob[]> {
    const pieces = await this.#parts.read(this.#name)
    if (sizeOf(pieces) <= this.offered.bytes) return pieces
    await this.#parts.remove(this.#name)
    return []
  }

  #open(bytes: number, pieces: number, digests: Digests): TargetFile {
    const pieceBytes = Math.min(PIECE_BYTES, this.offered.bytes - bytes)
    const file = new PiecewiseFile({ bytes, pieces, digests, pieceBytes }, (index, piece) =>
      this.#parts.write(this.#name, index, piece)
    )
    const remove = () => this.#parts.remove(this.#name)
    return {
      hasRoom: (more) => file.bytes + more <= this.offered.bytes,
      write: (chunk) => file.write(chunk),
      finish: async (expected) => {
        const isWhole = file.bytes === this.offered.bytes && b4a.equals(digests.sha256.digest(), expected)
        await (isWhole ? file.flush() : remove())
        this.crc = digests.crc
        return isWhole
      },
      drop: remove,
      close: () => file.flush()
    }
  }
}

/** Collects chunks into pieces, and writes each when it is full. */
class PiecewiseFile {
  bytes: number
  #pieces: number
  readonly #digests: Digests
  readonly #writePiece: (index: number, piece: Blob) => Promise<void>
  readonly #buffer: Uint8Array<ArrayBuffer>
  #filledBytes = 0

  constructor(
    { bytes, digests, pieceBytes, pieces }: { bytes: number; pieces: number; pieceBytes: number; digests: Digests },
    writePiece: (index: number, piece: Blob) => Promise<void>
  ) {
    this.bytes = bytes
    this.#pieces = pieces
    this.#digests = digests
    this.#writePiece = writePiece
    this.#buffer = new Uint8Array(pieceBytes)
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#digests.sha256.update(chunk)
    this.#digests.crc = crc32(chunk, this.#digests.crc)
    this.bytes += chunk.byteLength
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + this.#buffer.byteLength - this.#filledBytes)
      this.#buffer.set(part, this.#filledBytes)
      this.#filledBytes += part.byteLength
      at += part.byteLength
      if (this.#filledBytes === this.#buffer.byteLength) await this.flush()
    }
  }

  async flush(): Promise<void> {
    if (this.#filledBytes === 0) return
    const piece = new Blob([this.#buffer.subarray(0, this.#filledBytes)])
    await this.#writePiece(this.#pieces, piece)
    this.#pieces++
    this.#filledBytes = 0
  }
}

function newDigests(): Digests {
  return { sha256: sha256.create(), crc: 0 }
}

async function digest(piece: Blob, digests: Digests): Promise<void> {
  const bytes = new Uint8Array(await piece.arrayBuffer())
  digests.sha256.update(bytes)
  digests.crc = crc32(bytes, digests.crc)
}

function sizeOf(pieces: readonly Blob[]): number {
  return pieces.reduce((sum, { size }) => sum + size, 0)
}
