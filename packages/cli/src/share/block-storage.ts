import { createRequire } from 'node:module'
import { codeOf } from '@swarmway/runtime'
import { withFile } from '../shared/files/safe-read.js'
import type { Core, CoreStorage, TreeNode } from './packages.js'

const require = createRequire(import.meta.url)
const { data: leafHash } = require('hypercore-crypto') as { data(block: Uint8Array): Uint8Array }

/** Where a block is. */
export interface BlockPlace {
  /** Real path of a file. */
  readonly path: string
  /** Bytes of the file before the block. */
  readonly offset: number
}

/** Keeps the blocks of a core in files, instead of its database. */
export interface BlockPlaces {
  /** A block that is not in a file yet. */
  pending(index: number): Uint8Array | null
  /** Where a block is; null if it is not kept. */
  locate(index: number): BlockPlace | null
  /** The core has a new block, which it has verified. */
  add(index: number, block: Uint8Array): void
  /** The file no longer has the block. */
  onLost(index: number): void
}

/** Errors that say nothing about the file: too many are open, or the disk is busy. */
const PASSING = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ENOMEM'])

/** The blocks of a core that are in files. */
export class BlockStorage {
  static readonly #known = new WeakMap<CoreStorage, BlockStorage>()

  readonly #read: CoreStorage['read']
  #places: BlockPlaces

  private constructor(storage: CoreStorage, places: BlockPlaces) {
    this.#places = places
    this.#read = storage.read.bind(storage)
    const write = storage.write.bind(storage)
    storage.read = (fork) => {
      const reader = this.#read(fork)
      reader.getBlock = (index) => this.read(index)
      return reader
    }
    storage.write = () => {
      const writer = write()
      writer.putBlock = (index, block) => this.#places.add(index, block)
      return writer
    }
  }

  /**
   * Keeps all blocks of a core there from now on. This uses parts of Hypercore that are not public: it has no other way to
   * serve a file from where it is.
   */
  static of({ core: { storage } }: Core, places: BlockPlaces): BlockStorage {
    const known = BlockStorage.#known.get(storage)
    if (known !== undefined) {
      known.#places = places
      return known
    }
    const blocks = new BlockStorage(storage, places)
    BlockStorage.#known.set(storage, blocks)
    return blocks
  }

  /**
   * A block as it was when the core got it; null if it is not here, cannot be read for now, or has changed since, which is
   * reported.
   */
  async read(index: number): Promise<Uint8Array | null> {
    const pending = this.#places.pending(index)
    if (pending !== null) return pending
    const place = this.#places.locate(index)
    if (place === null) return null
    const node = await this.node(index)
    if (node === null) return null
    const block = await readAt(place, node.size)
    if (block === 'later') return null
    if (block !== null && isBlockOf(node, block)) return block
    this.#places.onLost(index)
    return null
  }

  /** The hash and size of a block; null if the core has never had it. */
  async node(index: number): Promise<TreeNode | null> {
    const reader = this.#read()
    const node = reader.getTreeNode(2 * index)
    reader.tryFlush()
    return node
  }
}

/** Whether a block is the one of this node. */
export function isBlockOf({ hash, size }: TreeNode, block: Uint8Array): boolean {
  return block.byteLength === size && Buffer.compare(leafHash(block), hash) === 0
}

/** Part of a file; null if it cannot be read or is shorter, 'later' if that may pass. */
async function readAt({ offset, path }: BlockPlace, bytes: number): Promise<Uint8Array | 'later' | null> {
  try {
    return await withFile(path, async (file) => {
      const block = Buffer.allocUnsafe(bytes)
      const { bytesRead } = await file.read(block, 0, bytes, offset)
      return bytesRead === bytes ? block : null
    })
  } catch (error) {
    return PASSING.has(codeOf(error)) ? 'later' : null
  }
}
