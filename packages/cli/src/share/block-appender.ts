import type { FolderFile } from '../shared/files/folder-walk.js'
import type { Blob } from './packages.js'
import { BLOCK_BYTES, blocksOf, type SharedBlocks } from './shared-blocks.js'

/** What is appended together. Many small files share one append, since each append costs a write of the database. */
const MAX_BATCH = { blocks: 256, bytes: 16 * BLOCK_BYTES } as const

/** Appends the blocks of files to a core, in batches that may hold several files. */
export class BlockAppender {
  readonly #shared: SharedBlocks
  #batch: Uint8Array[] = []
  #bytes = 0

  constructor(shared: SharedBlocks) {
    this.#shared = shared
  }

  /**
   * Reads a file once: its blocks stay where they are, the core gets their hashes, at the latest with `flush`. `onRead` is
   * called for each block; what it throws ends the reading.
   */
  async append({ key, path }: FolderFile, onRead: (bytes: number) => void): Promise<Blob> {
    const [blockOffset, byteOffset] = [this.#length, this.#byteLength]
    this.#shared.begin(key, blockOffset)
    for await (const block of blocksOf(path)) {
      onRead(block.byteLength)
      await this.#add(block)
    }
    const [blockLength, byteLength] = [this.#length - blockOffset, this.#byteLength - byteOffset]
    return { blockOffset, blockLength, byteOffset, byteLength }
  }

  /** Appends what waits. An entry must not be published before its blocks. */
  async flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#bytes = 0
    if (batch.length > 0) await this.#shared.core.append(batch)
  }

  async #add(block: Uint8Array): Promise<void> {
    this.#bytes += block.byteLength
    const count = this.#batch.push(block)
    if (count >= MAX_BATCH.blocks || this.#bytes >= MAX_BATCH.bytes) await this.flush()
  }

  get #length(): number {
    return this.#shared.core.length + this.#batch.length
  }

  get #byteLength(): number {
    return this.#shared.core.byteLength + this.#bytes
  }
}
