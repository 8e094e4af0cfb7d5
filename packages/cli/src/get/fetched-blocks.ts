import { type BlockPlace, type BlockPlaces, BlockStorage } from '../share/block-storage.js'
import type { Core } from '../share/packages.js'

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
  /** In the order in which they were begun. */
  readonly #files: WrittenBlocks[] = []

  constructor(core: Core) {
    this.#core = core
    this.#storage = BlockStorage.of(core, this)
  }

  get storage(): BlockStorage {
    return this.#storage
  }

  /** A block, from here or from a peer. `session` says when to give up. */
  async fetch(index: number, session: Core): Promise<Uint8Array> {
    if (await session.has(index)) {
      const block = await this.#storage.read(index)
      if (block !== null) return block
      // It was here before, and its file is not.
      await this.#core.clear(index, index + 1)
    }
    const block = await session.get(index)
    if (block === null) throw new Error(`block ${index} is not available`)
    return block
  }

  /** Blocks of this file are found there from now on; more offsets may be added. */
  began(file: WrittenBlocks): void {
    this.#files.push(file)
  }

  /** A block has been written to its file. */
  wrote(index: number): void {
    this.#pending.delete(index)
  }

  pending(index: number): Uint8Array | null {
    return this.#pending.get(index) ?? null
  }

  locate(index: number): BlockPlace | null {
    for (let i = this.#files.length - 1; i >= 0; i--) {
      const file = this.#files[i]
      const offset = file?.offsets[index - file.start]
      if (file !== undefined && offset !== undefined) return { path: file.path, offset }
    }
    return null
  }

  add(index: number, block: Uint8Array): void {
    this.#pending.set(index, block)
  }

  /** Somebody changed the file; other downloaders are told that the block is not available. */
  onLost(): void {}
}
