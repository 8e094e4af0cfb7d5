/** Many clients of one server, on topics that they share with clients of other processes. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { serve } from '../lib/worker.ts'

/** Which clients to start. */
export interface ScaleCrowd {
  url: string
  /** The number of the first; it decides about the topic. */
  first: number
  count: number
  topics: number
  maxPeers: number
  /** At most; fewer while the machine is busy. */
  perSecond: number
}

/** How the clients are. */
export interface CrowdState {
  /** Clients that have a link. */
  connected: number
  /** Clients that know a peer. */
  found: number
  /** Ends of connections. */
  connections: number
  /** Links made in each second since the last `mark`. */
  linksBySecond: number[]
}

const BATCH_MS = 100
/** Clients without a link beyond which no more are started. */
const MAX_WAITING = 50
/** A timer that is this late shows that the machine is busy with the clients that are there. */
const CALM_LATE_MS = 100
/** So often is a busy machine given more time before the next batch. */
const MAX_PAUSES = 50

const clients: ProxyClient[] = []
let markedAt = performance.now()
let links: number[] = []

serve({ join, state, mark })

/** Starts clients in batches, as fast as the machine bears; resolves when all have been started. */
async function join({ count, first, maxPeers, perSecond, topics, url }: ScaleCrowd): Promise<void> {
  const batch = Math.max(1, Math.round((perSecond * BATCH_MS) / 1000))
  for (let i = 0; i < count; i++) {
    addClient(url, maxPeers, topicOf((first + i) % topics))
    if (i % batch === batch - 1) await calm()
  }
}

/** Waits for a moment, and then until the clients that are there have links and the event loop is on time. */
async function calm(): Promise<void> {
  for (let pause = 0; pause < MAX_PAUSES; pause++) {
    const began = performance.now()
    await sleep(BATCH_MS)
    const isLate = performance.now() - began > BATCH_MS + CALM_LATE_MS
    const waiting = clients.filter((client) => !client.connected).length
    if (!isLate && waiting < MAX_WAITING) return
  }
}

function addClient(url: string, maxPeers: number, topic: Buffer): void {
  const swarm = new ProxyClient({ connect: websocket(url), maxPeers })
  swarm.on('connected', () => links.push(Math.floor((performance.now() - markedAt) / 1000)))
  swarm.on('connection', (connection) => connection.on('error', ignore))
  swarm.join(topic)
  clients.push(swarm)
}

/** Links are counted from now on. */
function mark(): void {
  markedAt = performance.now()
  links = []
}

function state(): CrowdState {
  const linksBySecond: number[] = []
  for (const second of links) linksBySecond[second] = (linksBySecond[second] ?? 0) + 1
  return {
    connected: clients.filter((client) => client.connected).length,
    found: clients.filter((client) => client.peers.size > 0).length,
    connections: clients.reduce((sum, client) => sum + client.connections.size, 0),
    linksBySecond: Array.from(linksBySecond, (count) => count ?? 0)
  }
}

function topicOf(number: number): Buffer {
  return createHash('sha256').update(`topic ${number}`).digest()
}

function ignore(): void {}
