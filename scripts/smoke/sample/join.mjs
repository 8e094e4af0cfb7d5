// Two swarms on a private DHT find each other by a topic, and one greets the other. Runs in the installed folder.
import { createRequire } from 'node:module'
import { Swarm, topicFrom } from '@swarmway/swarm'

const TIMEOUT_MS = 20_000

setTimeout(() => {
  console.error(`The swarms did not meet within ${TIMEOUT_MS / 1000} s.`)
  process.exit(1)
}, TIMEOUT_MS).unref()

// hyperdht is a dependency of the swarm, not of this folder.
const require = createRequire(createRequire(import.meta.url).resolve('@swarmway/swarm'))
const testnet = await require('hyperdht/testnet.js')(3, { host: '127.0.0.1' })
const options = { bootstrap: testnet.bootstrap, host: '127.0.0.1' }
const [one, two] = [new Swarm(options), new Swarm(options)]
const topic = topicFrom('smoke')

one.on('connection', (connection) => connection.end('hello'))
const heard = new Promise((resolve) => {
  two.on('connection', (connection) => {
    connection.once('data', (data) => resolve(Buffer.from(data).toString()))
    connection.end()
  })
})
const began = performance.now()
one.join(topic)
two.join(topic)
if ((await heard) !== 'hello') throw new Error('something other than the greeting arrived')
const ms = Math.round(performance.now() - began)
await Promise.all([one.destroy(), two.destroy()])
await testnet.destroy()
console.log(`${ms} ms`)
