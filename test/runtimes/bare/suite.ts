/**
 * The contract of a swarm as a program for Bare. `list` prints the names of the tests; `native` and `proxied URL` run
 * them, one after the other, and print each result.
 */
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { Swarm } from '@swarmway/swarm'
import createTestnet from 'hyperdht/testnet.js'
import { suite } from '../../../packages/proxy-client/test/browser/suite/runner.js'
import { describeSwarmContract } from '../../../packages/swarm/test/contract/swarm-contract.js'

const { argv, exit } = (globalThis as unknown as { Bare: { argv: string[]; exit(code: number): never } }).Bare
const [command = '', url = ''] = argv.slice(2)

describeSwarmContract('in Bare', command === 'proxied' ? createProxied : createNative)

if (command === 'list') print('tests', suite.list())
else await run()
exit(0)

async function run(): Promise<void> {
  const begun = await suite.begin()
  if (begun !== null) throw new Error(begun)
  for (const { isSkipped, name } of suite.list()) {
    if (!isSkipped) print('result', { name, failure: await suite.run(name) })
  }
  print('end', await suite.end())
}

async function createNative() {
  const testnet = await createTestnet(4, { host: '127.0.0.1' })
  return {
    createSwarm: (options?: object) => new Swarm({ ...options, dht: testnet.createNode() }),
    destroy: () => testnet.destroy()
  }
}

async function createProxied() {
  const reconnect = { reconnectMinMs: 10, reconnectMaxMs: 100 }
  return {
    createSwarm: (options?: object) => new ProxyClient({ ...reconnect, ...options, connect: websocket(url) }),
    destroy: async () => {}
  }
}

function print(what: string, value: unknown): void {
  console.log(JSON.stringify({ what, value }))
}
