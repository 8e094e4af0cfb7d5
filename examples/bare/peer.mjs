// A peer in Bare, which greets everybody on a topic: `bare peer.mjs TOPIC [ws://PROXY | HOST:PORT]`.
// HOST:PORT is a node of a private DHT. See README.md.
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { Swarm, topicFrom } from '@swarmway/swarm'

const [topic = 'bare example', way = ''] = Bare.argv.slice(2)
const swarm = createSwarm()

swarm.on('connection', (connection, { publicKey }) => {
  const name = publicKey.toString('hex').slice(0, 8)
  connection.on('data', (data) => console.log(`${name}: ${data}`))
  connection.on('close', () => console.log(`${name} left`))
  connection.write(`hello from Bare ${Bare.version}`)
})

// On phones, Bare is suspended with the application.
Bare.on('suspend', () => swarm.suspend())
Bare.on('resume', () => swarm.resume())

await swarm.join(topicFrom(topic)).flushed()
console.log(`on "${topic}"`)

function createSwarm() {
  if (way.startsWith('ws')) return new ProxyClient({ connect: websocket(way) })
  return way === '' ? new Swarm() : new Swarm({ bootstrap: [way], host: '127.0.0.1' })
}
