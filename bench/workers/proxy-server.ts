/** The server in the middle, of each system. Needs --expose-gc to measure memory. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import { type Address, HyperDHT } from '../lib/modules.ts'
import {
  type NativeDht,
  type ProxySystem,
  RelaySocketStream,
  relay,
  type Socket,
  WebSocketServer
} from '../lib/proxy-modules.ts'
import { UdxEnd } from '../lib/proxy-udx.ts'
import { createNode } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

const HOST = '127.0.0.1'
/** What the bare pipe gathers before it sends a message. */
const PIPE_MESSAGE_BYTES = 65_536
const SETTLE_MS = 3000
const COLLECTIONS = 4

/** What to start. */
export interface ProxyServerParams {
  system: ProxySystem
  bootstrap: Address[]
  /** UDP port of the native end of the bare pipe. */
  pipePort?: number
  /** Whether Swarmway may connect its clients inside of the server. */
  connectClients?: boolean
}

/** Where a server can be reached. */
export interface ProxyServerPlace {
  url: string
  /** UDP port of the bare pipe, 0 for others. */
  pipePort: number
}

/** Bytes in use. */
export interface ServerMemory {
  heap: number
  external: number
  rss: number
}

let uncaught = 0

let proxy: ProxyServer | null = null

serve({ start, cpu, memory, bytes })

function start(params: ProxyServerParams): Promise<ProxyServerPlace> {
  if (params.system === 'swarmway') return startSwarmway(params)
  return params.system === 'dht-relay' ? startRelay(params) : startPipe(params)
}

async function startSwarmway({ bootstrap, connectClients = true }: ProxyServerParams): Promise<ProxyServerPlace> {
  const dht = await createNode(bootstrap)
  const limits = { maxClients: 10_000 }
  proxy = new ProxyServer({ dht, connectClients, allowPrivateAddresses: true, limits })
  const { address } = await listen(proxy, { host: HOST })
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return { url: `ws://${HOST}:${port}`, pipePort: 0 }
}

async function startRelay({ bootstrap }: ProxyServerParams): Promise<ProxyServerPlace> {
  const dht = await createNode(bootstrap)
  // Every server of every client listens to it.
  dht.setMaxListeners(0)
  // A relay that many dials fail on throws where nobody can catch it.
  process.on('uncaughtException', (error) => {
    if (uncaught++ === 0) console.error(`dht-relay, uncaught: ${error.message}`)
  })
  const url = await acceptSockets((socket) => {
    const stream = new RelaySocketStream(false, socket)
    stream.on('error', ignore)
    void relay(dht, stream)
  })
  return { url, pipePort: 0 }
}

async function startPipe({ pipePort = 0 }: ProxyServerParams): Promise<ProxyServerPlace> {
  const end = new UdxEnd(new HyperDHT({ host: HOST, bootstrap: [] }) as NativeDht)
  const url = await acceptSockets((socket) => pipe(end, socket))
  end.connect(pipePort)
  return { url, pipePort: end.port }
}

/** Both ways, without a protocol and without flow control. */
function pipe({ stream }: UdxEnd, socket: Socket): void {
  let batch: Uint8Array[] = []
  let bytes = 0
  const flush = (): void => {
    if (bytes === 0) return
    socket.send(batch.length === 1 ? (batch[0] as Uint8Array) : Buffer.concat(batch, bytes))
    batch = []
    bytes = 0
  }
  stream.on('data', (chunk) => {
    if (bytes === 0) setImmediate(flush)
    if (bytes + chunk.byteLength > PIPE_MESSAGE_BYTES) flush()
    batch.push(chunk)
    bytes += chunk.byteLength
  })
  socket.on('message', (data) => stream.write(data))
}

function acceptSockets(onSocket: (socket: Socket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: HOST })
  server.on('connection', (socket) => {
    socket.on('error', ignore)
    onSocket(socket)
  })
  return new Promise((resolve) => server.once('listening', () => resolve(`ws://${HOST}:${server.address().port}`)))
}

/** CPU seconds used so far. */
function cpu(): number {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1e6
}

/** Bytes that Swarmway's clients have sent and received so far. */
function bytes(): number {
  if (proxy === null) throw new Error('only Swarmway is asked for its bytes')
  const { bytesIn, bytesOut } = proxy.stats
  return bytesIn + bytesOut
}

/** What is in use once everything is quiet and collected. */
async function memory(): Promise<ServerMemory> {
  await sleep(SETTLE_MS)
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    globalThis.gc?.()
    await sleep(100)
  }
  const { external, heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed, external, rss }
}

function ignore(): void {}
