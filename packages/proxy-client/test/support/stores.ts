import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from '@swarmway/swarm'
import { onTestFinished } from 'vitest'

const require = createRequire(import.meta.url)

/** The part of a Hypercore that the tests use. */
export interface Core {
  readonly key: Uint8Array
  readonly length: number
  ready(): Promise<void>
  append(blocks: Uint8Array | Uint8Array[]): Promise<unknown>
  get(index: number, options?: { timeout?: number }): Promise<Uint8Array>
  replicate(connection: Connection): unknown
  update(options?: { wait?: boolean }): Promise<boolean>
  close(): Promise<void>
}

/** The part of a Corestore that the tests use. */
export interface Store {
  get(options: { name: string } | Uint8Array): Core
  namespace(name: string): Store
  replicate(connection: Connection): unknown
  close(): Promise<void>
}

/** The part of a Hyperdrive that the tests use. */
export interface Drive {
  readonly key: Uint8Array
  ready(): Promise<void>
  put(path: string, content: Uint8Array): Promise<unknown>
  get(path: string): Promise<Uint8Array | null>
  update(options?: { wait?: boolean }): Promise<boolean>
  /** Call the returned function when the search for peers is over. */
  findingPeers(): () => void
  mirror(to: Drive): { done(): Promise<void>; readonly count: { files: number; add: number } }
  close(): Promise<void>
}

/** The part of a Protomux that the tests use. */
export interface Mux {
  createChannel(options: { protocol: string; onopen?: () => void; onclose?: () => void }): {
    addMessage(options: { onmessage: (message: Uint8Array) => void }): { send(message: Uint8Array): boolean }
    open(): void
    close(): void
  }
}

const HypercoreClass = require('hypercore') as new (storage: string, key?: Uint8Array) => Core
const CorestoreClass = require('corestore') as new (storage: string) => Store

const HyperdriveClass = require('hyperdrive') as new (store: Store, key?: Uint8Array) => Drive

/** Multiplexes a connection; the package comes with hypercore. */
export const Protomux = createRequire(require.resolve('hypercore'))('protomux') as { from(connection: Connection): Mux }

/** A Hypercore on disk, closed after the test. */
export async function createCore(key?: Uint8Array): Promise<Core> {
  const core = new HypercoreClass(folder(), key)
  onTestFinished(() => core.close())
  await core.ready()
  return core
}

/** A Corestore on disk, closed after the test. */
export function createStore(): Store {
  const store = new CorestoreClass(folder())
  onTestFinished(() => store.close())
  return store
}

/** A Hyperdrive, closed after the test. */
export async function createDrive(store: Store, key?: Uint8Array): Promise<Drive> {
  const drive = new HyperdriveClass(store, key)
  onTestFinished(() => drive.close())
  await drive.ready()
  return drive
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'swarmway-store-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
