import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { CHUNK_BYTES } from '../shared/channel/credit.js'
import { openReal } from '../shared/files/safe-read.js'
import type { WantedFile } from './offer.js'
import type { SourceFile } from './source-files.js'

/** How much is read of a file before looking whether it was changed: what follows would be sent for nothing. */
const LOOK_BYTES = 16 * 1024 * 1024

/** Reads a file for one receiver, as long as it is what was offered. */
export class SourceReader {
  /** Where the data begins: what the receiver has is skipped if it is the beginning of this file. */
  readonly offset: number
  readonly #source: SourceFile
  readonly #file: FileHandle
  readonly #hash: Hash
  #isSpoilt = false

  private constructor(source: SourceFile, file: FileHandle, offset: number, hash: Hash) {
    this.#source = source
    this.#file = file
    this.offset = offset
    this.#hash = hash
  }

  /** Null if the file cannot be read any more, or was changed after it was offered. */
  static async open(source: SourceFile, wanted: WantedFile): Promise<SourceReader | null> {
    const opened = await openReal(source.path).catch(() => null)
    if (opened === null) return null
    const { file } = opened
    try {
      if (await isSame(file, source)) return await SourceReader.#resume(source, file, wanted)
    } catch {
      // It cannot be read.
    }
    await file.close()
    return null
  }

  static async #resume(source: SourceFile, file: FileHandle, { offset, sha256 }: WantedFile): Promise<SourceReader> {
    const hash = createHash('sha256')
    if (offset === 0) return new SourceReader(source, file, 0, hash)
    for await (const chunk of file.createReadStream({ autoClose: false, start: 0, end: offset - 1 })) hash.update(chunk)
    if (hash.copy().digest('hex') === sha256) return new SourceReader(source, file, offset, hash)
    return new SourceReader(source, file, 0, createHash('sha256'))
  }

  /** The data from the offset on, as far as it can be read, and is what was offered. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const end = this.#source.bytes - 1
    if (this.offset > end) return
    const options = { autoClose: false, start: this.offset, end, highWaterMark: CHUNK_BYTES }
    let unseenBytes = 0
    try {
      for await (const chunk of this.#file.createReadStream(options) as AsyncIterable<Uint8Array>) {
        unseenBytes += chunk.byteLength
        if (unseenBytes > LOOK_BYTES) {
          unseenBytes = 0
          this.#isSpoilt = !(await isSame(this.#file, this.#source))
        }
        if (this.#isSpoilt) return
        this.#hash.update(chunk)
        yield chunk
      }
    } catch {
      // A receiver that came back for the rest would get no further, over and over.
      this.#isSpoilt = true
    }
  }

  /** The digest of the whole file, after its last chunk. Null if it was changed while it was read, or cannot be read. */
  async digest(): Promise<Uint8Array | null> {
    return !this.#isSpoilt && (await isSame(this.#file, this.#source)) ? this.#hash.digest() : null
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

async function isSame(file: FileHandle, { bytes, modifiedMs }: SourceFile): Promise<boolean> {
  const { mtimeMs, size } = await file.stat()
  return size === bytes && mtimeMs === modifiedMs
}
