import { createHash, type Hash } from 'node:crypto'
import { constants, lstatSync, readdirSync, renameSync, rmSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlockStorage, isBlockOf } from '../share/block-storage.js'
import type { Blob } from '../share/packages.js'
import type { Digest } from '../shared/files/digest.js'
import { isHole } from '../shared/files/holes.js'
import { isUnfinished } from '../shared/files/storage-name.js'
import { blockCount } from './read-ahead.js'

const RESUME = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)

/** The beginning of a file, under a temporary name beside its place, until it is complete. */
export class PartFile {
  readonly path: string
  readonly #offsets: number[] = []
  #hash: Hash = createHash('sha256')
  #bytes = 0
  /** Whether the file is shorter than what it stands for. */
  #hasHoleAtEnd = false
  #file: FileHandle | null = null

  constructor(path: string) {
    this.path = path
  }

  /** Bytes that are written. */
  get bytes(): number {
    return this.#bytes
  }

  /** The offset of each block that is written. */
  get offsets(): readonly number[] {
    return this.#offsets
  }

  /**
   * Takes over what an earlier run has written, as far as its blocks are those of the share. What cannot be read, or
   * is not a file, is written again.
   */
  async resume({ blockOffset, ...blob }: Blob, storage: BlockStorage, signal: AbortSignal): Promise<void> {
    if (!isFile(this.path)) return
    const file = await open(this.path, RESUME).catch(() => null)
    if (file === null) return
    try {
      const count = blockCount({ blockOffset, ...blob })
      for (let i = 0; i < count; i++) {
        signal.throwIfAborted()
        const node = await storage.node(blockOffset + i)
        if (node === null || this.#bytes + node.size > blob.byteLength) return
        const block = Buffer.allocUnsafe(node.size)
        const { bytesRead } = await file.read(block, 0, node.size, this.#bytes)
        if (!isBlockOf(node, block.subarray(0, bytesRead))) return
        this.#count(block)
      }
    } finally {
      await file.close()
    }
  }

  /** Opens it for writing after what is there. */
  async open(before: Stats | null): Promise<void> {
    if (this.#bytes > 0 && isFile(this.path)) {
      this.#file = await open(this.path, RESUME)
      await this.#file.truncate(this.#bytes)
    } else {
      this.#startOver()
      this.#file = await openNew(this.path)
    }
    // Not readable by others if it was not; but a later run must be able to resume it.
    if (before !== null) await this.#file.chmod(modeAfter(before) | 0o600)
  }

  /** Appends a block. */
  async write(block: Uint8Array): Promise<void> {
    this.#hasHoleAtEnd = isHole(block)
    for (let done = this.#hasHoleAtEnd ? block.byteLength : 0; done < block.byteLength; ) {
      const { bytesWritten } = await this.#opened.write(block, done, block.byteLength - done, this.#bytes + done)
      done += bytesWritten
    }
    this.#count(block)
  }

  /** What is written. */
  digest(): Digest {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') }
  }

  /** Closes it; an empty one is removed. */
  async close(): Promise<void> {
    const file = this.#file
    this.#file = null
    await file?.close()
    if (file !== null && this.#bytes === 0) rmSync(this.path, { force: true })
  }

  /** Gives it its name, and the permissions of the file that was there. */
  async finish(path: string, before: Stats | null): Promise<void> {
    const file = this.#file
    if (before !== null) await file?.chmod(modeAfter(before))
    if (this.#hasHoleAtEnd) await file?.truncate(this.#bytes)
    this.#file = null
    await file?.close()
    renameSync(this.path, path)
  }

  get #opened(): FileHandle {
    if (this.#file === null) throw new Error('the file is not open')
    return this.#file
  }

  #count(block: Uint8Array): void {
    this.#offsets.push(this.#bytes)
    this.#hash.update(block)
    this.#bytes += block.byteLength
  }

  #startOver(): void {
    this.#offsets.length = 0
    this.#hash = createHash('sha256')
    this.#bytes = 0
  }
}

/** An empty file. It must not exist before: a link, for example, would be followed. */
async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx+', 0o666)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    rmSync(path, { force: true })
    return open(path, 'wx+', 0o666)
  }
}

/** A remote must not make a file executable here. */
function modeAfter(before: Stats): number {
  return before.mode & 0o666
}

/** Removes the unfinished files of a writer from these folders, except for those that are `wanted`. */
export function removeOtherParts(folders: readonly string[], writer: string, wanted: ReadonlySet<string>): void {
  for (const folder of new Set(folders)) {
    for (const name of namesIn(folder)) {
      const path = join(folder, name)
      if (isUnfinished(name, writer) && !wanted.has(path)) rmSync(path, { force: true })
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
}
