import { createHash, type Hash } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  ftruncateSync,
  lstatSync,
  open,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  write,
  writeSync
} from 'node:fs'
import { open as openHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BlockStorage, isBlockOf } from '../share/block-storage.js'
import type { Blob } from '../share/packages.js'
import type { Digest } from '../shared/files/digest.js'
import { isHole } from '../shared/files/holes.js'
import { isUnfinished } from '../shared/files/storage-name.js'
import { blockCount } from './read-ahead.js'

const [openLater, writeLater] = [promisify(open), promisify(write)]

/** Smaller pieces are written at once: passing them to a thread takes longer. */
const MIN_LATER_BYTES = 16 * 1024

const RESUME = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)

/** The beginning of a file, under a temporary name beside its place, until it is complete. */
export class PartFile {
  readonly path: string
  readonly #offsets: number[] = []
  /** Of what is written; made when it is needed, since there may be very many files. */
  #hash: Hash | null = null
  #bytes = 0
  /** Whether the file is shorter than what it stands for. */
  #hasHoleAtEnd = false
  /** Its descriptor while it is open. */
  #file: number | null = null

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
    const file = await openHandle(this.path, RESUME).catch(() => null)
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
      this.#file = await openLater(this.path, RESUME)
      ftruncateSync(this.#file, this.#bytes)
    } else {
      this.#startOver()
      this.#file = await openNew(this.path)
    }
    // Not readable by others if it was not; but a later run must be able to resume it.
    if (before !== null) fchmodSync(this.#file, modeAfter(before) | 0o600)
  }

  /** Appends a block. */
  async write(block: Uint8Array): Promise<void> {
    this.#hasHoleAtEnd = isHole(block)
    for (let done = this.#hasHoleAtEnd ? block.byteLength : 0; done < block.byteLength; ) {
      done += await writeSome(this.#opened, block.subarray(done), this.#bytes + done)
    }
    this.#count(block)
  }

  /** What is written. */
  digest(): Digest {
    return { bytes: this.#bytes, sha256: (this.#hash?.copy() ?? createHash('sha256')).digest('hex') }
  }

  /** Closes it; an empty one is removed. */
  close(): void {
    if (this.#file === null) return
    this.#closeFile()
    if (this.#bytes === 0) rmSync(this.path, { force: true })
  }

  /** Gives it its name, and the permissions of the file that was there. */
  finish(path: string, before: Stats | null): void {
    if (before !== null) fchmodSync(this.#opened, modeAfter(before))
    if (this.#hasHoleAtEnd) ftruncateSync(this.#opened, this.#bytes)
    this.#closeFile()
    renameSync(this.path, path)
    this.#hash = null
  }

  /** Once, even if closing fails: another file may have its descriptor then. */
  #closeFile(): void {
    const file = this.#opened
    this.#file = null
    closeSync(file)
  }

  get #opened(): number {
    if (this.#file === null) throw new Error('the file is not open')
    return this.#file
  }

  #count(block: Uint8Array): void {
    this.#offsets.push(this.#bytes)
    this.#hash ??= createHash('sha256')
    this.#hash.update(block)
    this.#bytes += block.byteLength
  }

  #startOver(): void {
    this.#offsets.length = 0
    this.#hash = null
    this.#bytes = 0
  }
}

/** An empty file. It must not exist before: a link, for example, would be followed. */
async function openNew(path: string): Promise<number> {
  try {
    return await openLater(path, 'wx+', 0o666)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    rmSync(path, { force: true })
    return openLater(path, 'wx+', 0o666)
  }
}

/** Returns how much was written. */
async function writeSome(file: number, block: Uint8Array, position: number): Promise<number> {
  if (block.byteLength < MIN_LATER_BYTES) return writeSync(file, block, 0, block.byteLength, position)
  return (await writeLater(file, block, 0, block.byteLength, position)).bytesWritten
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
