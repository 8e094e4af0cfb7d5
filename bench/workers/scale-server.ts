/** A server without a DHT, whose clients have only each other. Needs --expose-gc to measure memory. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import { serve } from '../lib/worker.ts'

const HOST = '127.0.0.1'
const SETTLE_MS = 3000
const COLLECTIONS = 4

/** What a server uses and has. */
export interface ScaleState {
  rss: number
  heap: number
  /** Sessions with a link. */
  attached: number
  /** Sessions begun. */
  sessions: number
  /** Open connections between clients. */
  connections: number
  eventLoopDelayMs: number
}

let server: ProxyServer | null = null

serve({ start, state, memory, idle })

/** Starts a server; `port` 0 takes any. Returns the port. */
async function start({ port }: { port: number }): Promise<number> {
  // All clients have one address here.
  server = new ProxyServer({ dht: null, limits: { maxClients: 100_000, maxGreetings: 100_000 } })
  const { address } = await listen(server, { host: HOST, port })
  return address !== null && typeof address === 'object' ? address.port : port
}

function state(): ScaleState {
  const { rss, heapUsed: heap } = process.memoryUsage()
  if (server === null) return { rss, heap, attached: 0, sessions: 0, connections: 0, eventLoopDelayMs: 0 }
  const { attached, eventLoopDelayMs, sessionsOpened: sessions, splicesOpen: connections } = server.stats
  return { rss, heap, attached, sessions, connections, eventLoopDelayMs }
}

/** What is in use once everything is quiet and collected. */
async function memory(): Promise<ScaleState> {
  await sleep(SETTLE_MS)
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    globalThis.gc?.()
    await sleep(100)
  }
  return state()
}

/** Percent of a core that the process uses in the next `ms`. */
async function idle({ ms }: { ms: number }): Promise<number> {
  const [before, began] = [process.cpuUsage(), performance.now()]
  await sleep(ms)
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 10 / (performance.now() - began)
}
