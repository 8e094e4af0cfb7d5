import { Swarm } from '../../src/native/swarm.js'
import { createTestnet } from '../support/testnet.js'
import { nodeStreams } from './node-streams.js'
import { type ContractOptions, describeSwarmContract } from './swarm-contract.js'

const createNetwork = async () => {
  const testnet = await createTestnet(4, { host: '127.0.0.1' })
  return {
    createSwarm: (options?: ContractOptions) => new Swarm({ ...options, dht: testnet.createNode() }),
    destroy: () => testnet.destroy()
  }
}

describeSwarmContract('over HyperDHT', createNetwork, {}, nodeStreams)
