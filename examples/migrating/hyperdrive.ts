/**
 * discovery-swarm-stream's demo, with a current Hyperdrive: a proxy server, a client that shares a drive, and another
 * that reads a file from it. All run in one process, without a DHT: clients of one server meet there.
 *
 *     npx tsx --conditions=@swarmway/source examples/migrating/hyperdrive.ts
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProxyClient } from '@swarmway/proxy-client'
import { ProxyServer } from '@swarmway/proxy-server'
import Corestore from 'corestore'
import Hyperdrive from 'hyperdrive'

const server = new ProxyServer({ dht: null })
const tcp = createServer({ noDelay: true }, (socket) => void server.handleStream(socket))
await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
const { port } = tcp.address() as AddressInfo

const writer = await createPeer()
const archive = new Hyperdrive(writer.store)
await archive.put('/dat.json', Buffer.from(JSON.stringify({ title: 'From the days of Dat' })))
await writer.swarm.join(archive.discoveryKey).flushed()
console.log(`sharing ${archive.key.toString('hex')}`)

const reader = await createPeer()
const copy = new Hyperdrive(reader.store, archive.key)
await copy.ready()
const isSearched = copy.findingPeers()
reader.swarm.join(copy.discoveryKey)
void reader.swarm.flush().then(isSearched)
await copy.update({ wait: true })
console.log(`read ${await copy.get('/dat.json')}`)

for (const { swarm, store, folder } of [reader, writer]) {
  await swarm.destroy()
  await store.close()
  await rm(folder, { recursive: true, force: true })
}
await server.destroy()
tcp.close()

/** A client of the proxy server that replicates its store with every peer it meets. */
async function createPeer() {
  const folder = await mkdtemp(join(tmpdir(), 'swarmway-hyperdrive-'))
  const store = new Corestore(folder)
  const swarm = new ProxyClient({ connect: () => connect({ port, host: '127.0.0.1', noDelay: true }) })
  swarm.on('connection', (connection) => store.replicate(connection))
  return { folder, store, swarm }
}
