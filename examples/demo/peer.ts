/** A peer of the demo, in its own process. An application would write only the function `meet`. */
import { randomBytes } from 'node:crypto'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import type { SwarmCore } from '@swarmway/swarm/core'
import { BlockDigest } from './digest.ts'
import { Inbox } from './inbox.ts'
import type { FromPeer, Start, ToPeer } from './messages.ts'
import { Corestore, type Hypercore } from './modules.ts'
import { countUdpSockets } from './udp-sockets.ts'

const BLOCKS_PER_APPEND = 250
const PROGRESS_INTERVAL_MS = 50

const inbox = new Inbox<ToPeer>()
// Ctrl-C reaches every process of the terminal. The parent decides what to do.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(1))
process.on('message', (message: ToPeer) => inbox.push(message))

run().catch((error: unknown) => {
  report({ type: 'failed', reason: error instanceof Error ? error.message : String(error) })
})

async function run(): Promise<void> {
  const start = await inbox.next('start')
  const store = new Corestore(start.storage)
  const swarm = start.role === 'native' ? await createNative(start) : createProxied(start)
  await swarm.listen()
  report({ type: 'online', publicKey: hex(swarm.keyPair.publicKey), udpSockets: await countUdpSockets() })
  await write(store, start)
  await exchange(swarm, store, start)
  await inbox.next('stop')
  await swarm.destroy()
  await store.close()
  process.exit(0)
}

/** Imported only here: the proxied peer needs neither a DHT nor UDP. */
async function createNative({ bootstrap }: Start): Promise<SwarmCore> {
  const { Swarm } = await import('@swarmway/swarm')
  return new Swarm({ bootstrap, host: '127.0.0.1' })
}

function createProxied({ proxyUrl }: Start): SwarmCore {
  const swarm = new ProxyClient({ connect: websocket(proxyUrl) })
  let lost = 0
  swarm.on('disconnected', () => {
    lost = performance.now()
    report({ type: 'cut' })
  })
  swarm.on('connected', ({ resumed }) => {
    if (lost > 0) report({ type: 'relinked', isResumed: resumed, ms: performance.now() - lost })
  })
  return swarm as unknown as SwarmCore
}

/** All that is needed: replicate on every connection, and join the topic. */
function meet(swarm: SwarmCore, store: Corestore, topic: Uint8Array): void {
  const joined = performance.now()
  swarm.on('connection', (connection, info) => {
    const ms = performance.now() - joined
    report({ type: 'connected', remotePublicKey: hex(connection.remotePublicKey), isDialler: info.client, ms })
    store.replicate(connection)
  })
  swarm.join(topic)
}

async function write(store: Corestore, start: Start): Promise<void> {
  const began = performance.now()
  const core = store.get({ name: 'demo' })
  await core.ready()
  const digest = await fill(core, start)
  report({ type: 'written', coreKey: hex(core.key), digest, ms: performance.now() - began })
}

async function fill(core: Hypercore, { blocks, blockBytes }: Start): Promise<string> {
  const digest = new BlockDigest()
  while (core.length < blocks) {
    const count = Math.min(BLOCKS_PER_APPEND, blocks - core.length)
    const batch = Array.from({ length: count }, () => randomBytes(blockBytes))
    for (const block of batch) digest.add(block)
    await core.append(batch)
  }
  return digest.hex()
}

/** Serves our Hypercore and fetches the other peer's, both over one connection. */
async function exchange(swarm: SwarmCore, store: Corestore, { blocks }: Start): Promise<void> {
  const { coreKey, topic } = await inbox.next('join')
  const core = store.get({ key: Buffer.from(coreKey, 'hex') })
  await core.ready()
  let received = 0
  let connections = 0
  core.on('download', () => received++)
  swarm.on('connection', () => connections++)
  const progress = setInterval(() => report({ type: 'progress', blocks: received }), PROGRESS_INTERVAL_MS)
  const connected = new Promise<number>((resolve) => swarm.once('connection', () => resolve(performance.now())))
  meet(swarm, store, Buffer.from(topic, 'hex'))
  await core.download({ start: 0, end: blocks }).done()
  clearInterval(progress)
  report({ type: 'progress', blocks })
  report({ type: 'replicated', ms: performance.now() - (await connected) })
  report({ type: 'verified', digest: await digestOf(core, blocks), connections })
}

/** Reads every block back from this peer's own storage. */
async function digestOf(core: Hypercore, blocks: number): Promise<string> {
  const digest = new BlockDigest()
  for (let index = 0; index < blocks; index++) {
    const block = await core.get(index, { wait: false })
    if (block === null) throw new Error(`block ${index} is missing in this peer's storage`)
    digest.add(block)
  }
  return digest.hex()
}

function report(message: FromPeer): void {
  process.send?.(message)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
