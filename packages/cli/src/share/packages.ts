/** Type declarations for packages without types, limited to what is used here. */
import { createRequire } from 'node:module'
import type { Connection } from '@swarmway/swarm'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { type BatchMaker, joinReads } from './joined-reads.js'

/** The position of a file's bytes among a drive's blocks. */
export interface Blob {
  blockOffset: number
  blockLength: number
  byteOffset: number
  byteLength: number
  /** Whether the blocks only point to the bytes. */
  blockMap?: unknown
}

/** A file of a drive. */
export interface Entry {
  key: string
  value: EntryValue
}

/** A drive's entry for a file. */
export interface EntryValue {
  executable: boolean
  linkname: string | null
  blob: Blob | null
  metadata: unknown
}

/** Blocks from `start` up to, but not including, `end`. */
export interface BlockRange {
  start: number
  end: number
}

/** A block's node in the tree of hashes. */
export interface TreeNode {
  readonly hash: Uint8Array
  /** Bytes of the block. */
  readonly size: number
}

/** Reads from a core's database; what was asked for arrives after `tryFlush`. */
export interface StorageReader {
  getBlock(index: number): Promise<Uint8Array | null>
  getTreeNode(index: number): Promise<TreeNode | null>
  tryFlush(): void
}

/** Changes to a core's database. */
export interface StorageWriter {
  putBlock(index: number, block: Uint8Array): void
}

/** A core's database. Not a public part of Hypercore. */
export interface CoreStorage {
  read(fork?: number): StorageReader
  write(): StorageWriter
}

/** An append-only log of blocks. */
export interface Core {
  readonly core: { readonly storage: CoreStorage }
  readonly length: number
  readonly byteLength: number
  /** How often its owner has truncated it; the block at an index is stable only within one fork. */
  readonly fork: number
  readonly peers: readonly unknown[]
  has(start: number, end?: number): Promise<boolean>
  /** Waits for the block until a peer has sent it. */
  get(index: number): Promise<Uint8Array | null>
  append(blocks: readonly Uint8Array[]): Promise<unknown>
  /** The same core; closing the session cancels its requests. */
  session(): Core
  /** Asks for all blocks of a range that are not here, with `linear` the first ones first. */
  download(range: BlockRange & { linear?: boolean }): { destroy(): void }
  close(): Promise<void>
  /** Deletes blocks locally. */
  clear(start: number, end: number): Promise<unknown>
  on(event: 'append' | 'peer-add', listener: () => void): unknown
  off(event: 'append', listener: () => void): unknown
}

/** The contents of a drive's files. */
export interface Blobs {
  readonly core: Core
}

/** A folder of files, by name. */
export interface Drive {
  list(folder?: string): AsyncIterable<Entry>
}

/** A drive that replicates. */
export interface Hyperdrive extends Drive {
  readonly key: Uint8Array
  /** The key in z-base-32. */
  readonly id: string
  readonly discoveryKey: Uint8Array
  readonly version: number
  readonly core: Core
  /** Names and values: the files, and other applications' records. */
  readonly db: {
    get(key: string): Promise<{ value: unknown } | null>
    put(key: string, value: object): Promise<void>
  }
  ready(): Promise<void>
  put(path: string, content: Uint8Array, options?: { executable: boolean }): Promise<unknown>
  del(path: string): Promise<unknown>
  putEntry(path: string, value: EntryValue): Promise<unknown>
  /** A view whose changes take effect together, with its `flush`, which also closes it. */
  batch(): Hyperdrive
  flush(): Promise<void>
  update(options: { wait: boolean }): Promise<boolean>
  entry(name: string | Entry, options?: object): Promise<Entry | null>
  getBlobs(): Promise<Blobs>
  /** Closes its store as well. */
  close(): Promise<void>
}

/** Hypercores on disk. */
export interface Corestore {
  ready(): Promise<void>
  replicate(connection: Connection): unknown
  close(): Promise<void>
}

/** Changes that the database makes at once. */
interface WriteBatch {
  flush(): Promise<void>
}

/** The database of a store. What makes its batches is not a public part of it, so a later version may lack it. */
interface StoreDatabase {
  readonly db: { readonly _state?: BatchMaker & { createWriteBatch?(...options: unknown[]): WriteBatch } }
}

/** The packages that keep Hypercores on disk: optional, because their database is three quarters of an installation. */
interface StorePackages {
  readonly Corestore: new (storage: StoreDatabase) => Corestore
  readonly CorestoreStorage: new (folder: string, options: { writeBufferSize: number }) => StoreDatabase
  readonly Hyperdrive: new (store: Corestore, key?: Uint8Array) => Hyperdrive
}

/**
 * The database keeps that many bytes in memory, and reserves as many on disk for its journal. Its own default of 64 MiB
 * is for blocks; ours are not kept there.
 */
const WRITE_BUFFER_BYTES = 2 * 1024 * 1024

/**
 * Hypercores in a folder of this machine. `onFailedWrite` gets the error of each write that failed. Throws a `CliError` if
 * the packages are not installed.
 */
export function createCorestore(folder: string, onFailedWrite: (error: unknown) => void): Corestore {
  const { Corestore, CorestoreStorage } = loadStorePackages()
  const storage = new CorestoreStorage(folder, { writeBufferSize: WRITE_BUFFER_BYTES })
  reportFailedWrites(storage, onFailedWrite)
  joinReads(storage.db._state)
  return new Corestore(storage)
}

/** A Hypercore that cannot write a block that it receives says nothing: it waits for another peer that sends it. */
function reportFailedWrites({ db: { _state: state } }: StoreDatabase, onFailedWrite: (error: unknown) => void): void {
  const create = state?.createWriteBatch?.bind(state)
  if (state === undefined || create === undefined) return
  state.createWriteBatch = (...options) => {
    const batch = create(...options)
    // Batches are used again.
    const { flush } = Object.getPrototypeOf(batch) as WriteBatch
    batch.flush = async () => {
      try {
        await flush.call(batch)
      } catch (error) {
        onFailedWrite(error)
        throw error
      }
    }
    return batch
  }
}

/** A drive: ours, or the one of `key`. Throws as {@link createCorestore}. */
export function createHyperdrive(store: Corestore, key?: Uint8Array): Hyperdrive {
  return new (loadStorePackages().Hyperdrive)(store, key)
}

/** Throws a `CliError` if they were left out of the installation. */
export function loadStorePackages(require: (name: string) => unknown = requireFromStore): StorePackages {
  try {
    return {
      Corestore: require('corestore') as StorePackages['Corestore'],
      CorestoreStorage: require('hypercore-storage') as StorePackages['CorestoreStorage'],
      Hyperdrive: require('hyperdrive') as StorePackages['Hyperdrive']
    }
  } catch (error) {
    throw new CliError('Sharing folders needs packages that are not installed here, or not for this platform.', {
      hint: 'Install swarmway again without --omit=optional; or use "swarmway send" and "swarmway receive".',
      exitCode: EXIT.unusable,
      cause: error
    })
  }
}

/** The storage has to be the one that the store uses, which another package may have in another version. */
function requireFromStore(name: string): unknown {
  const require = createRequire(import.meta.url)
  if (name !== 'hypercore-storage') return require(name)
  return createRequire(createRequire(require.resolve('corestore')).resolve('hypercore'))(name)
}
