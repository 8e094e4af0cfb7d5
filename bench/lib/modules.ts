/** The packages of the benchmarks that come without types, declared as far as they are used. */
import { createRequire } from 'node:module'

export interface Address {
  host: string
  port: number
}

/** A HyperDHT node. */
export interface Dht {
  readonly defaultKeyPair: { publicKey: Uint8Array; secretKey: Uint8Array }
  fullyBootstrapped(): Promise<void>
  address(): Address
  createServer(): { listen(): Promise<void>; relayAddresses: Address[]; close(): Promise<void> }
  announce(topic: Uint8Array, keyPair: object, relayAddresses: Address[]): { finished(): Promise<void> }
  setMaxListeners(count: number): unknown
  destroy(options?: { force?: boolean }): Promise<void>
}

/** Options of a HyperDHT node, as far as used. */
export interface DhtOptions {
  host?: string
  port?: number
  bootstrap: Address[]
  ephemeral?: boolean
  firewalled?: boolean
}

/** What Swarmway and hyperswarm have in common, as far as used. */
export interface AnySwarm {
  readonly keyPair: { publicKey: Uint8Array }
  readonly connections: Set<AnyConnection>
  join(topic: Uint8Array, options?: { client?: boolean; server?: boolean }): { flushed(): Promise<unknown> }
  on(event: 'connection', listener: (connection: AnyConnection) => void): unknown
  suspend(): Promise<void>
  destroy(options?: { force?: boolean }): Promise<void>
}

/** An open connection, as far as used. */
export interface AnyConnection {
  readonly remotePublicKey: Uint8Array
  write(data: Uint8Array): boolean
  on(event: 'data', listener: (data: Uint8Array) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  once(event: 'drain' | 'data', listener: () => void): unknown
}

/** Options of both swarms, as far as used. */
export interface AnySwarmOptions {
  dht: Dht
  maxPeers?: number
}

/** Options of a swarm that makes its own node, as far as used. */
export interface OwnNodeOptions {
  bootstrap: readonly Address[]
  seed?: Uint8Array
}

const require = createRequire(import.meta.url)

export const HyperDHT = require('hyperdht') as new (options: DhtOptions) => Dht
export const Hyperswarm = require('hyperswarm') as new (options: AnySwarmOptions | OwnNodeOptions) => AnySwarm
