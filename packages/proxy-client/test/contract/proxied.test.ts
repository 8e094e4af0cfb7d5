/** A proxied swarm is a swarm: over every duplex, with or without a DHT, on one server or two, among native swarms. */
import type { SwarmCore } from '@swarmway/swarm'
import { nodeStreams } from '../../../swarm/test/contract/node-streams.js'
import { type ContractOptions, describeSwarmContract } from '../../../swarm/test/contract/swarm-contract.js'
import { createNetwork, type Network, type NetworkOptions } from '../support/rig.js'
import { TRANSPORTS } from '../support/transports.js'

/** Makes a swarm; `index` is its number on its network. */
type Maker = (network: Network, options: ContractOptions | undefined, index: number) => unknown

const proxied: Maker = (network, options) => network.createSwarm(options)

for (const [name, transport] of Object.entries(TRANSPORTS)) describeOn(`proxied over ${name}`, { transport }, proxied)

describeOn('proxied, without a DHT', { testnet: null }, proxied)

describeOn('every other swarm proxied', {}, (network, options, index) =>
  index % 2 === 0 ? network.createSwarm(options) : network.createNative(options)
)

describeOn('proxied, on two servers in turn', {}, async (network, options, index) => {
  const { door } = network.servers[0] ?? (await network.createServer())
  return network.createSwarm({ ...options, ...(index % 2 === 0 && { door }) })
})

function describeOn(name: string, networkOptions: NetworkOptions, make: Maker): void {
  const create = async () => {
    const network = await createNetwork(networkOptions)
    let count = 0
    return {
      createSwarm: async (options?: ContractOptions) => (await make(network, options, count++)) as SwarmCore,
      destroy: () => network.destroy()
    }
  }
  describeSwarmContract(name, create, {}, nodeStreams)
}
