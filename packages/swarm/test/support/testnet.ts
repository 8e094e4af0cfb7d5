import { createRequire } from 'node:module'
import type { DhtNode } from '../../src/network/dht-node.js'

interface NativeTestnet {
  /** Another node on 127.0.0.1. It is destroyed with the testnet, or earlier. */
  createNode(): DhtNode
  destroy(): Promise<void>
}

const require = createRequire(import.meta.url)

/** A private DHT on 127.0.0.1. */
export const createTestnet = require('hyperdht/testnet.js') as (
  size: number,
  options: { host: string }
) => Promise<NativeTestnet>
