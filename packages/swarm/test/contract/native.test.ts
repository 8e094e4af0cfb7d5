import { Swarm } from '../../src/native/swarm.js'
import { createTestnet } from '../support/testnet.js'
import { describeSwarmContract } from './swarm-contract.js'

describeSwarmContract('over HyperDHT', async () => {
  const testnet = await createTestnet(4, { host: '127.0.0.1' })
  return {
    createSwarm: (options) => new Swarm({ ...options, dht: testnet.createNode() }),
    destroy: () => testnet.destroy()
  }
})
