/** A private DHT on 127.0.0.1. Everything that a factory creates is destroyed after the test. */
import { createRequire } from 'node:module'
import { onTestFinished } from 'vitest'
import type { HandshakeKeys } from './crypto.js'

const require = createRequire(import.meta.url)

export interface NativeStream {
  readonly remotePublicKey: Uint8Array
  write(data: Uint8Array | string): boolean
  end(): void
  destroy(): void
  pause(): void
  resume(): void
  on(event: string, listener: (value: never) => void): this
  once(event: string, listener: (value: never) => void): this
  readonly opened: Promise<boolean>
}

export interface NativeNode {
  readonly host: string
  readonly port: number
  readonly destroyed: boolean
  readonly suspended: boolean
  readonly stats: { queries: { total: number } }
  address(): { host: string; port: number }
  connect(publicKey: Uint8Array, options?: object): NativeStream
  createServer(onConnection: (stream: NativeStream) => void): {
    listen(keyPair: HandshakeKeys): Promise<unknown>
    close(): Promise<void>
  }
  lookup(topic: Uint8Array): AsyncIterable<{ peers: { publicKey: Uint8Array }[] }>
  announce(topic: Uint8Array, keyPair: HandshakeKeys, relays: object[]): { finished(): Promise<void> }
  immutableGet(hash: Uint8Array): Promise<{ value: Uint8Array } | null>
  mutableGet(publicKey: Uint8Array): Promise<{ value: Uint8Array; seq: number } | null>
  destroy(): Promise<void>
}

const HyperDHT = require('hyperdht') as new (options: object) => NativeNode

const createTestnet = require('hyperdht/testnet.js') as (
  size: number,
  options: { host: string }
) => Promise<{ nodes: NativeNode[]; bootstrap: { host: string; port: number }[]; destroy(): Promise<void> }>

export const HOST = '127.0.0.1'

/** A DHT of four nodes, and a way to add peers. */
export async function testnet() {
  const net = await createTestnet(4, { host: HOST })
  const { bootstrap } = net
  onTestFinished(() => net.destroy())
  return {
    bootstrap,
    node(): NativeNode {
      const node = new HyperDHT({ bootstrap, host: HOST })
      onTestFinished(() => node.destroy())
      return node
    }
  }
}
