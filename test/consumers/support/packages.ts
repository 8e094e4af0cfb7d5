/** The packages under test, typed as far as the tests use them: none of them ships types. */
import { createRequire } from 'node:module'
import type { Connection, DhtNode } from '@swarmway/swarm'

const require = createRequire(import.meta.url)

export interface Testnet {
  readonly bootstrap: readonly object[]
  createNode(): DhtNode
  destroy(): Promise<void>
}

export interface Core {
  readonly key: Uint8Array
  readonly discoveryKey: Uint8Array
  readonly length: number
  ready(): Promise<void>
  append(blocks: Uint8Array[]): Promise<unknown>
  get(index: number, options?: { wait?: boolean }): Promise<Uint8Array | null>
  update(options?: { wait?: boolean }): Promise<boolean>
  download(range: { start: number; end: number }): { done(): Promise<void> }
  /** Call the returned function when the search for peers is over. */
  findingPeers(): () => void
  replicate(connection: Connection): unknown
  close(): Promise<void>
}

export interface Store {
  get(options: { name: string } | Uint8Array): Core
  namespace(name: string): Store
  replicate(connection: Connection): unknown
  close(): Promise<void>
}

export interface Drive {
  readonly key: Uint8Array
  readonly discoveryKey: Uint8Array
  ready(): Promise<void>
  put(path: string, content: Uint8Array): Promise<unknown>
  get(path: string): Promise<Uint8Array | null>
  update(options?: { wait?: boolean }): Promise<boolean>
  findingPeers(): () => void
  mirror(to: Drive): { done(): Promise<void>; readonly count: { files: number; add: number } }
  close(): Promise<void>
}

export interface Bee {
  put(key: string, value: string): Promise<void>
  get(key: string): Promise<{ value: string } | null>
}

export interface Sdk {
  readonly publicKey: Uint8Array
  get(nameOrKey: string | Uint8Array): Promise<Core>
  getDrive(nameOrKey: string | Uint8Array): Promise<Drive>
  getBee(nameOrKey: string | Uint8Array, options: object): Promise<Bee & { readonly core: Core }>
  suspend(): Promise<void>
  resume(): Promise<void>
  close(): Promise<void>
}

export interface Rpc {
  respond(method: string, handler: (request: Uint8Array) => Uint8Array): void
  request(method: string, value: Uint8Array): Promise<Uint8Array>
}

/** A server of `@hyperswarm/rpc`. */
export interface NodeRpcServer {
  readonly publicKey: Uint8Array
  respond(method: string, handler: (request: Uint8Array) => Uint8Array): void
  listen(): Promise<void>
  close(): Promise<void>
}

export interface NodeRpc {
  createServer(): NodeRpcServer
  request(publicKey: Uint8Array, method: string, value: Uint8Array): Promise<Uint8Array>
  destroy(): Promise<void>
}

interface PairingRequest {
  open(publicKey: Uint8Array): void
  confirm(answer: { key: Uint8Array }): void
}

export interface Pairing {
  addMember(options: { discoveryKey: Uint8Array; onadd: (request: PairingRequest) => void }): {
    flushed(): Promise<void>
  }
  addCandidate(options: { invite: Uint8Array; userData: Uint8Array; onadd: () => void }): {
    readonly pairing: Promise<{ key: Uint8Array } | null>
  }
  close(): Promise<void>
}

export interface PairingClass {
  new (swarm: object): Pairing
  createInvite(key: Uint8Array): { invite: Uint8Array; publicKey: Uint8Array; discoveryKey: Uint8Array }
}

export const createTestnet = require('hyperdht/testnet.js') as (
  size: number,
  options: { host: string }
) => Promise<Testnet>
export const Hypercore = require('hypercore') as new (folder: string, key?: Uint8Array) => Core
/** The last version line that also runs in a browser. */
export const Hypercore10 = require('hypercore10') as new (storage: unknown, key?: Uint8Array) => Core
export const RandomAccessMemory = require('random-access-memory') as new () => object
export const Corestore = require('corestore') as new (folder: string) => Store
export const Hyperdrive = require('hyperdrive') as new (store: Store, key?: Uint8Array) => Drive
export const ProtomuxRpc = require('protomux-rpc') as new (connection: Connection) => Rpc
export const HyperswarmRpc = require('@hyperswarm/rpc') as new (options: object) => NodeRpc
export const BlindPairing = require('blind-pairing') as PairingClass

/** Imported on demand: unlike the others, it is an ES module. */
export async function createSdk(options: { storage: string; swarm: object }): Promise<Sdk> {
  const name: string = 'hyper-sdk'
  const sdk = (await import(name)) as { create(options: object): Promise<Sdk> }
  return sdk.create(options)
}
