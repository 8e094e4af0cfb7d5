/** Type declarations for packages without types, limited to what is used here. */
import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import type { Connection } from '@swarmway/swarm'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'

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

/** An append-only log of blocks. */
export interface Core {
  readonly length: number
  /** How often its owner has truncated it; the block at an index is stable only within one fork. */
  readonly fork: number
  readonly peers: readonly unknown[]
  has(start: number, end?: number): Promise<boolean>
  /** Deletes blocks locally. */
  clear(start: number, end: number): Promise<unknown>
  download(range: BlockRange & { linear: boolean }): { destroy(): void }
  on(event: 'download', listener: (index: number, byteLength: number) => void): unknown
  on(event: 'peer-add', listener: () => void): unknown
  off(event: 'download', listener: (index: number, byteLength: number) => void): unknown
}

/** The contents of a drive's files. */
export interface Blobs {
  readonly core: Core
  createReadStream(blob: Blob): ByteStream
}

/** The bytes as a stream. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  destroy(error?: Error): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** Accepts the content of a file; once it has closed without an error, the file exists. */
export interface BlobWriter extends EventEmitter {
  /** False: wait for `drain`. */
  write(chunk: Uint8Array): boolean
  end(): unknown
  destroy(): unknown
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
  createWriteStream(path: string, options: { executable: boolean }): BlobWriter
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

/** The packages that keep Hypercores on disk: optional, because their database is three quarters of an installation. */
interface StorePackages {
  readonly Corestore: new (folder: string) => Corestore
  readonly Hyperdrive: new (store: Corestore, key?: Uint8Array) => Hyperdrive
}

/** Hypercores in a folder of this machine. Throws a `CliError` if the packages are not installed. */
export function createCorestore(folder: string, packages: StorePackages = loadStorePackages()): Corestore {
  return new packages.Corestore(folder)
}

/** A drive: ours, or the one of `key`. Throws as {@link createCorestore}. */
export function createHyperdrive(store: Corestore, key?: Uint8Array): Hyperdrive {
  return new (loadStorePackages().Hyperdrive)(store, key)
}

/** Throws a `CliError` if they were left out of the installation. */
export function loadStorePackages(require: (name: string) => unknown = createRequire(import.meta.url)): StorePackages {
  try {
    const Corestore = require('corestore') as StorePackages['Corestore']
    return { Corestore, Hyperdrive: require('hyperdrive') as StorePackages['Hyperdrive'] }
  } catch (error) {
    throw new CliError('Sharing folders needs packages that are not installed here, or not for this platform.', {
      hint: 'Install swarmway again without --omit=optional; or use "swarmway send" and "swarmway receive".',
      exitCode: EXIT.unusable,
      cause: error
    })
  }
}
