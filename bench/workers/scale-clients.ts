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

const clients: ProxyClient[] = []
let markedAt = performance.now()
let links: number[] = []

serve({ join, state, mark })

/** Starts clients at a steady rate; resolves when all have been started. */
async function join({ count, first, maxPeers, perSecond, topics, url }: ScaleCrowd): Promise<void> {
  const began = performance.now()
  for (let i = 0; i < count; i++) {
    addClient(url, maxPeers, topicOf((first + i) % topics))
    while (clients.length > 0 && i >= ((performance.now() - began) / 1000) * perSecond) await sleep(BATCH_MS)
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
