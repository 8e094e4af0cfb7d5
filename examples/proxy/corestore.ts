/**
 * A Corestore that replicates through a proxy. Without a key, it writes a core and shares it; with a key, it fetches
 * that core.
 *
 *     npx tsx --conditions=@swarmway/source examples/proxy/corestore.ts ws://127.0.0.1:8080/swarm
 *     npx tsx --conditions=@swarmway/source examples/proxy/corestore.ts ws://127.0.0.1:8080/swarm <key>
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import Corestore from 'corestore'
import { onStop } from './shared.ts'

const [url = 'ws://127.0.0.1:8080/swarm', key] = process.argv.slice(2)

const folder = await mkdtemp(join(tmpdir(), 'swarmway-corestore-'))
const store = new Corestore(folder)
const swarm = new ProxyClient({ connect: websocket(url) })
swarm.on('connection', (connection) => store.replicate(connection))

const core = key ? store.get({ key: Buffer.from(key, 'hex') }) : store.get({ name: 'greetings' })
await core.ready()
if (!key) await core.append(['hello', 'from', 'behind', 'a', 'proxy'])

swarm.join(core.discoveryKey)
console.log(key ? 'looking for the core ...' : `sharing ${core.key.toString('hex')}`)

if (key) {
  await core.update({ wait: true })
  for (let i = 0; i < 5; i++) console.log(`block ${i}: ${await core.get(i)}`)
  await close()
}

onStop(close)

async function close(): Promise<void> {
  await swarm.destroy()
  await store.close()
  await rm(folder, { recursive: true, force: true })
}
