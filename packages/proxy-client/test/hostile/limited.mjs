/** A native peer that announces a topic, takes 16 connections and sends back what comes; a process of its own. */
import { Swarm } from '@swarmway/swarm'

const topic = Buffer.from(process.argv[2], 'hex')
const swarm = new Swarm({ bootstrap: JSON.parse(process.argv[3]), host: '127.0.0.1', maxPeers: 16 })
swarm.on('connection', (connection) => connection.on('error', () => {}).pipe(connection))
await swarm.join(topic, { client: false }).flushed()
process.send({ publicKey: swarm.keyPair.publicKey.toString('hex'), port: swarm.dht.address().port })
