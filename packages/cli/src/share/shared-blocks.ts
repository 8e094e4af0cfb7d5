import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { FolderFile } from '../shared/files/folder-walk.js'
import { openReal } from '../shared/files/safe-read.js'
import { countUpTo } from './block-ranges.js'
import { type BlockPlace, type BlockPlaces, BlockStorage, isBlockOf } from './block-storage.js'
import type { Blob, Core, Entry, Hyperdrive } from './packages.js'

/** Bytes of each block, except the last one of a file. */
export const BLOCK_BYTES = 65_536

/** The blocks of a file, given by its real path, as far as it reaches when it is opened. Throws as `openReal`. */
export async function* blocksOf(path: string): AsyncGenerator<Uint8Array> {
  const { bytes, file } = await openReal(path)
  try {
    for (let left = bytes; left > 0; left -= BLOCK_BYTES) {
      const length = Math.min(left, BLOCK_BYTES)
      const block = await readFully(file, Buffer.allocUnsafe(length))
      if (block.byteLength > 0) yield block
      if (block.byteLength < length) return
    }
  } finally {
    await file.close()
  }
}

/** Fills a buffer; the part that was filled is shorter only at the end of the file. */
async function readFully(file: FileHandle, buffer: Uint8Array): Promise<Uint8Array> {
  for (let done = 0; done < buffer.byteLength; ) {
    const { bytesRead } = await file.read(buffer, done, buffer.byteLength - done)
    if (bytesRead === 0) return buffer.subarray(0, done)
    done += bytesRead
  }
  return buffer
}

/** The blocks of a file. */
interface FileBlocks {
  readonly key: string
  readonly start: number
  /** The block after its last one; infinite while its blocks are being appended. */
  end: number
  /** Whether the file is not what was imported. */
  isLost: boolean
}

/** The blocks of a drive, in the files of the shared folder: nothing is copied. A block is served only if it is unchanged. */
export class SharedBlocks implements BlockPlaces {
  readonly core: Core
  /** Called when a file is not what was imported. */
  onChanged: (key: string, start: number) => void = () => {}
  readonly #folder: string
  readonly #storage: BlockStorage
  /** In the order of their blocks. */
  #files: FileBlocks[] = []

  private constructor(folder: string, core: Core) {
    this.#folder = folder
    this.core = core
    this.#storage = BlockStorage.of(core, this)
  }

  /** Those of a drive whose files are in `folder`, given by its real path. */
  static async open(drive: Hyperdrive, folder: string): Promise<SharedBlocks> {
    const { core } = await drive.getBlobs()
    const blocks = new SharedBlocks(folder, core)
    const entries: Entry[] = []
    for await (const entry of drive.list('/')) entries.push(entry)
    blocks.keep(entries)
    return blocks
  }

  /** The drive has exactly these files. */
  keep(entries: readonly Entry[]): void {
    const files: FileBlocks[] = []
    for (const { key, value } of entries) {
      if (value.blob === null || value.blob.blockLength === 0) continue
      const { blockLength, blockOffset: start } = value.blob
      files.push({ key, start, end: start + blockLength, isLost: false })
    }
    this.#files = files.sort((a, b) => a.start - b.start)
  }

  /** The blocks that are appended from `start` on are those of this file. */
  begin(key: string, start: number): void {
    const before = this.#files.at(-1)
    if (before !== undefined) before.end = Math.min(before.end, start)
    this.#files.push({ key, start, end: Number.POSITIVE_INFINITY, isLost: false })
  }

  /** Whether the file still is what was imported. Calls `onRead` after each block. */
  async isUnchanged(
    { blockLength, blockOffset, byteLength }: Blob,
    { bytes, path }: FolderFile,
    onRead: (bytes: number) => void
  ): Promise<boolean> {
    if (byteLength !== bytes || blockLength !== Math.ceil(bytes / BLOCK_BYTES)) return false
    let index = blockOffset
    for await (const block of blocksOf(path)) {
      onRead(block.byteLength)
      const node = await this.#storage.node(index++)
      if (node === null || !isBlockOf(node, block)) return false
    }
    return index === blockOffset + blockLength
  }

  pending(): null {
    return null
  }

  locate(index: number): BlockPlace | null {
    const file = this.#fileOf(index)
    if (file === null) return null
    return { path: join(this.#folder, file.key), offset: (index - file.start) * BLOCK_BYTES }
  }

  /** Keeps no copy: the file still has the block. */
  add(): void {}

  onLost(index: number): void {
    const file = this.#fileOf(index)
    if (file === null) return
    file.isLost = true
    this.onChanged(file.key, file.start)
  }

  /** The file that has a block; null if there is none, or if it has changed. */
  #fileOf(index: number): FileBlocks | null {
    const file = this.#files[countUpTo(this.#files, index) - 1]
    return file === undefined || file.isLost || index >= file.end ? null : file
  }
}
