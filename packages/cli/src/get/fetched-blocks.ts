import { countUpTo } from '../share/block-ranges.js'
import { type BlockPlace, type BlockPlaces, BlockStorage } from '../share/block-storage.js'
import type { Core } from '../share/packages.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { MAX_AHEAD_BYTES } from './read-ahead.js'

/** Bytes that may wait to be written: what is requested ahead, with room for blocks of uneven sizes. */
export const MAX_PENDING_BYTES = 4 * MAX_AHEAD_BYTES

/** The blocks of one file, as far as they are written. */
export interface WrittenBlocks {
  /** Where the file is at the moment. */
  path: string
  readonly start: number
  /** The offset of each block in the file. */
  readonly offsets: readonly number[]
}

/**
 * The blocks of a download: in memory until they are written to their file, then only there. Other downloaders are served
 * from both.
 */
export class FetchedBlocks implements BlockPlaces {
  readonly #core: Core
  readonly #storage: BlockStorage
  readonly #pending = new Map<number, Uint8Array>()
  #pendingBytes = 0
  /** Sorted by their start; among several with the same blocks, the one that was begun first is the last. */
  readonly #files: WrittenBlocks[] = []

  constructor(core: Core) {
    this.#core = core
    this.#storage = BlockStorage.of(core, this)
  }

  get storage(): BlockStorage {
    return this.#storage
  }

  /**
   * A block, from here or from a peer. `session` says when to give up. Rejects with a `CliError` if too much waits to be
   * written: the sharer decides how large a block is.
   */
  async fetch(index: number, session: Core): Promise<Uint8Array> {
    if (await session.has(index)) {
      const block = await this.#storage.read(index)
      if (block !== null) return block
      // It was here before, and its file is not.
      await this.#core.clear(index, index + 1)
    }
    const block = await session.get(index)
    if (block === null) throw new Error(`block ${index} is not available`)
    if (this.#pendingBytes > MAX_PENDING_BYTES) {
      this.wrote(index)
      throw tooLarge()
    }
    return block
  }

  /** Blocks of this file are found there from now on; more offsets may be added. */
  began(file: WrittenBlocks): void {
    this.#files.splice(countUpTo(this.#files, file.start - 1), 0, file)
  }

  /** A block has been written to its file, or is not needed. */
  wrote(index: number): void {
    this.#pendingBytes -= this.#pending.get(index)?.byteLength ?? 0
    this.#pending.delete(index)
  }

  pending(index: number): Uint8Array | null {
    return this.#pending.get(index) ?? null
  }

  locate(index: number): BlockPlace | null {
    const file = this.#files[countUpTo(this.#files, index) - 1]
    const offset = file?.offsets[index - file.start]
    return file === undefined || offset === undefined ? null : { path: file.path, offset }
  }

  add(index: number, block: Uint8Array): void {
    this.wrote(index)
    this.#pending.set(index, block)
    this.#pendingBytes += block.byteLength
  }

  /** Somebody changed the file; other downloaders are told that the block is not available. */
  onLost(): void {}
}

function tooLarge(): CliError {
  return new CliError('The blocks of the share are larger than its list of files says.', {
    hint: 'Ask the sharer to share the folder again.',
    exitCode: EXIT.broken
  })
}
