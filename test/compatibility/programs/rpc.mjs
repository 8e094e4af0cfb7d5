// @hyperswarm/rpc on the nodes of two swarms, and protomux-rpc on a connection of theirs.
import assert from 'node:assert/strict'
import { createSwarm, installed, pass } from './support.mjs'

const RPC = installed('@hyperswarm/rpc')
const ProtomuxRPC = installed('protomux-rpc')
const [here, there] = [createSwarm(), createSwarm()]

const server = new RPC({ dht: here.dht, keyPair: here.keyPair }).createServer()
server.respond('echo', (request) => request)
await server.listen()
const client = new RPC({ dht: there.dht, keyPair: there.keyPair })
assert.equal(String(await client.request(server.publicKey, 'echo', Buffer.from('hello'))), 'hello')
await server.close()

const topic = Buffer.alloc(32, 3)
here.on('connection', (connection) => new ProtomuxRPC(connection).respond('echo', (request) => request))
const connected = new Promise((resolve) => there.on('connection', resolve))
await here.join(topic, { client: false }).flushed()
there.join(topic, { server: false })
const rpc = new ProtomuxRPC(await connected)
assert.equal(String(await rpc.request('echo', Buffer.from('again'))), 'again')
pass()
