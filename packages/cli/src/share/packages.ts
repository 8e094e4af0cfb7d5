/** The packages that come without types, declared as far as they are used here. */
import { createRequire } from 'node:module'
import type { Connection } from '@swarmway/swarm'

/** Where a file's bytes are among a drive's blocks. */
export interface Blob {
  blockOffset: number
  blockLength: number
  byteOffset: number
  byteLength: number
}

/** A file of a drive. */
export interface Entry {
  key: string
  value: { executable: boolean; linkname: string | null; blob: Blob | null; metadata: unknown }
}

/** Blocks from `start` up to before `end`. */
export interface BlockRange {
  start: number
  end: number
}

/** An append-only log of blocks. */
export interface Core {
  readonly length: number
  readonly peers: readonly unknown[]
  has(start: number, end?: number): Promise<boolean>
  download(range: BlockRange & { linear: boolean }): { destroy(): void }
  on(event: 'download', listener: (index: number, byteLength: number) => void): unknown
  on(event: 'peer-add', listener: () => void): unknown
  off(event: 'download', listener: (index: number, byteLength: number) => void): unknown
}

/** One step of a mirroring. */
export interface MirrorStep {
  op: 'add' | 'change' | 'remove' | 'equal'
  key: string
}

/** Options of `mirror`. */
export interface MirrorOptions {
  prune?: boolean
  preload?: boolean
  entries?: readonly Entry[]
  ignore?: (key: string) => boolean
  includeEquals?: boolean
}

/** A folder that can be mirrored to or from. */
export interface Drive {
  mirror(destination: Drive, options?: MirrorOptions): AsyncIterable<MirrorStep>
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
  ready(): Promise<void>
  put(path: string, content: Uint8Array): Promise<unknown>
  del(path: string): Promise<unknown>
  update(options: { wait: boolean }): Promise<boolean>
  entry(name: string | Entry, options?: object): Promise<Entry | null>
  getBlobs(): Promise<{ core: Core }>
  /** Closes its store as well. */
  close(): Promise<void>
}

/** A folder on disk. */
export interface Localdrive extends Drive {
  entry(name: string | { key: string }, options?: object): Promise<Entry | null>
}

/** Hypercores on disk. */
export interface Corestore {
  ready(): Promise<void>
  replicate(connection: Connection): unknown
  close(): Promise<void>
}

const require = createRequire(import.meta.url)

export const Corestore = require('corestore') as new (folder: string) => Corestore
export const Hyperdrive = require('hyperdrive') as new (store: Corestore, key?: Uint8Array) => Hyperdrive
export const Localdrive = require('localdrive') as new (folder: string, options?: { atomic?: boolean }) => Localdrive
/** Keys as people see them, z-base-32 or hex. */
export const keyEncoding = require('hypercore-id-encoding') as { decode(text: string): Uint8Array }

/** What peers of a Hypercore meet under. */
export const { discoveryKey } = require('hypercore-crypto') as { discoveryKey(publicKey: Uint8Array): Uint8Array }
