/** Many clients of one server, all in this process. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { RelayedDht, type RelayedNode, RelaySocketStream, WebSocket } from '../lib/proxy-modules.ts'
import { serve } from '../lib/worker.ts'

/** What a dial may take; most take a few milliseconds. */
const DIAL_TIMEOUT_MS = 3000
const DIALS_AT_ONCE = 10

/** The systems with clients. */
export type CrowdSystem = 'swarmway' | 'dht-relay'

/** When each client knew a peer, in milliseconds since the first of them began; sorted. */
export type FoundTimes = number[]

/** One client, of either system. */
interface Client {
  ready(): Promise<void>
  /** Calls back once, when a peer on the topic is known. */
  find(topic: Uint8Array, onFound: () => void): void
  /** Resolves when a connection is open; never if the dial fails. */
  dial(publicKey: Uint8Array): Promise<void>
}

const clients: Client[] = []

serve({ connect, find, dial })

/** Connects more clients; resolves when all are in. */
async function connect({ count, system, url }: { system: CrowdSystem; url: string; count: number }): Promise<void> {
  surviveRelay(system)
  const added = Array.from({ length: count }, () => (system === 'swarmway' ? swarmwayClient(url) : relayedClient(url)))
  clients.push(...added)
  await Promise.all(added.map((client) => client.ready()))
}

/** Starts clients that look a topic (hex) up at once. Resolves when all know a peer, or after the window. */
function find(params: {
  system: CrowdSystem
  url: string
  count: number
  topic: string
  windowMs: number
}): Promise<FoundTimes> {
  const { count, system, topic, url, windowMs } = params
  const times: FoundTimes = []
  const began = performance.now()
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(times), windowMs)
    const onFound = (): void => {
      times.push(performance.now() - began)
      if (times.length < count) return
      clearTimeout(timer)
      resolve(times)
    }
    for (let i = 0; i < count; i++) {
      const client = system === 'swarmway' ? swarmwayClient(url) : relayedClient(url)
      void client.ready().then(() => client.find(Buffer.from(topic, 'hex'), onFound))
    }
  })
}

/** The first `count` clients dial the peer (hex). Resolves to how many have a connection then. */
async function dial({ count, publicKey }: { count: number; publicKey: string }): Promise<number> {
  const key = Buffer.from(publicKey, 'hex')
  let connected = 0
  for (let first = 0; first < count; first += DIALS_AT_ONCE) {
    const some = clients.slice(first, Math.min(first + DIALS_AT_ONCE, count))
    const opened = await Promise.all(some.map((client) => isInTime(client.dial(key))))
    connected += opened.filter(Boolean).length
  }
  return connected
}

function isInTime(dialled: Promise<void>): Promise<boolean> {
  return Promise.race([dialled.then(() => true), sleep(DIAL_TIMEOUT_MS, false)])
}

function swarmwayClient(url: string): Client {
  const swarm = new ProxyClient({ connect: websocket(url) })
  swarm.on('connection', (connection) => connection.on('error', ignore))
  const connected = new Promise<void>((resolve) => swarm.once('connected', () => resolve()))
  return {
    ready: () => connected,
    find: (topic, onFound) => {
      const check = (): void => {
        if (swarm.peers.size === 0) return
        swarm.off('update', check)
        onFound()
      }
      swarm.on('update', check)
      swarm.join(topic, { client: true, server: false })
    },
    dial: async (publicKey) => {
      const open = new Promise<void>((resolve) => swarm.once('connection', () => resolve()))
      swarm.joinPeer(publicKey)
      await open
    }
  }
}

function relayedClient(url: string): Client {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  const node: RelayedNode = new RelayedDht(new RelaySocketStream(true, socket), { custodial: false })
  return {
    ready: () => node.ready(),
    find: (topic, onFound) => {
      let isFound = false
      const query = node.lookup(topic)
      query.on('error', ignore)
      query.on('data', ({ peers }) => {
        if (isFound || peers.length === 0) return
        isFound = true
        onFound()
      })
    },
    dial: async (publicKey) => {
      const connection = node.connect(publicKey)
      connection.on('error', ignore)
      if (!(await connection.opened)) await new Promise<never>(ignore)
    }
  }
}

/**
 * dht-relay's client throws when a second node of the DHT answers its dial, which is common. The dial continues with
 * the first answer, and this keeps the other dials alive too.
 */
function surviveRelay(system: CrowdSystem): void {
  if (system === 'dht-relay' && process.listenerCount('uncaughtException') === 0)
    process.on('uncaughtException', ignore)
}

function ignore(): void {}
