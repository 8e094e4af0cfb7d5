/** Types for the packages that ship without them, limited to what the demo uses. */
import { createRequire } from 'node:module'
import type { Address } from './messages.ts'

/** An append-only log of blocks that can be replicated. */
export interface Hypercore {
  readonly key: Uint8Array
  /** The topic to meet on, which only those who know the key can compute. */
  readonly discoveryKey: Uint8Array
  readonly length: number
  ready(): Promise<void>
  append(blocks: Uint8Array[]): Promise<unknown>
  get(index: number, options?: { wait?: boolean }): Promise<Uint8Array | null>
  download(range: { start: number; end: number }): { done(): Promise<unknown> }
  on(event: 'download', listener: (index: number, byteLength: number) => void): unknown
}

/** A folder of Hypercores. */
export interface Corestore {
  get(options: { name: string } | { key: Uint8Array }): Hypercore
  replicate(connection: object): unknown
  close(): Promise<void>
}

/** A private DHT on this machine. */
export interface Testnet {
  readonly bootstrap: Address[]
  readonly nodes: readonly unknown[]
  destroy(): Promise<void>
}

const require = createRequire(import.meta.url)

export const Corestore = require('corestore') as new (folder: string) => Corestore
export const createTestnet = require('hyperdht/testnet.js') as (
  size: number,
  options: { host: string }
) => Promise<Testnet>
