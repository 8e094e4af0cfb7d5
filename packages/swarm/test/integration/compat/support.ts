import type { DhtNode } from '@swarmway/swarm'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { Hyperswarm2, type Hyperswarm2Options } from '../../../src/compat/hyperswarm2.js'
import { createTestnet } from '../../support/testnet.js'

/** Makes older swarms on a private DHT; each is destroyed when its test ends. */
export interface OldNetwork {
  create(options?: Hyperswarm2Options): Hyperswarm2
  createNode(): DhtNode
  bootstrap(): { host: string; port: number }[]
}

/** One DHT for all tests of a file. */
export function useOldNetwork(): OldNetwork {
  let testnet: Awaited<ReturnType<typeof createTestnet>>
  beforeAll(async () => {
    testnet = await createTestnet(4, { host: '127.0.0.1' })
  })
  afterAll(() => testnet.destroy())
  const create = (options: Hyperswarm2Options = {}) => {
    const own = options.dht === undefined && options.bootstrap === undefined ? { dht: testnet.createNode() } : {}
    const swarm = new Hyperswarm2({ jitter: 0, ...own, ...options })
    onTestFinished(() => swarm.destroy())
    return swarm
  }
  const { bootstrap } = {
    bootstrap: () => (testnet as unknown as { bootstrap: { host: string; port: number }[] }).bootstrap
  }
  return { create, bootstrap, createNode: () => testnet.createNode() }
}
