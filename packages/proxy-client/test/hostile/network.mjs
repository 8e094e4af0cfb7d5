/** A small DHT, and a peer that announces a topic on request; a process of its own. */
import { Swarm } from '@swarmway/swarm'
import createTestnet from 'hyperdht/testnet.js'

const testnet = await createTestnet(6, { host: '127.0.0.1' })
const swarm = new Swarm({ bootstrap: testnet.bootstrap, host: '127.0.0.1' })
swarm.on('connection', (connection) => connection.on('error', () => {}))
await swarm.listen()
process.on('message', async ({ join }) => {
  const topic = Buffer.from(join, 'hex')
  await swarm.join(topic).flushed()
  process.send({ joined: join })
})
process.send({ bootstrap: testnet.bootstrap, publicKey: swarm.keyPair.publicKey.toString('hex') })
