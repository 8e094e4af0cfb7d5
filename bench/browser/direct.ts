/**
 * A page with one end of a measured connection: Swarmway's, proxied or direct, in the page or in a worker to which the page
 * lends its WebRTC, or a plain data channel. The worker runs the same code.
 */
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { borrowRtc, lendRtc } from '@swarmway/proxy-client/worker-rtc'
import b4a from 'b4a'
import { hastenSodium } from '../../packages/proxy-client/src/sodium/browser.ts'
import type { AnyConnection } from '../lib/modules.ts'
import { type PlainRtc, plainPeer } from '../lib/plain-peer.ts'
import { traffic, use } from '../lib/proxy-traffic.ts'
import type { TabCalls } from '../lib/tab.ts'

/** How a page meets a peer. */
export interface DirectTabParams {
  /** Of the server. */
  url: string
  isDirect: boolean
  /** Where the swarm is. */
  place: 'page' | 'worker' | 'shared worker'
  /** The peer to dial, in hex; none to be dialled. */
  publicKey?: string
}

/** What is used of a worker, and in it, as the workspace loads no types of the DOM. */
interface MessageEnd {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: Call & Reply }) => void): void
  /** Of a port. */
  start?(): void
}

interface WorkerScope {
  /** Of a shared worker. */
  onconnect?: ((event: { ports: [MessageEnd] }) => void) | null
}

interface PageScope {
  Worker: new (url: string, options: object) => MessageEnd
  SharedWorker: new (url: string, options: object) => { port: MessageEnd }
}

interface Call {
  readonly id: number
  readonly method: string
  readonly params: unknown
}

interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

const isWorker = !('document' in globalThis)
const borrowed = isWorker ? borrowRtc() : null
let current: { readonly path?: string } | null = null
/** Milliseconds from the connection to its direct path. */
let directAfterMs: number | null = null

const plain = plainPeer(
  () => globalThis as unknown as PlainRtc,
  (connection) => use(connection)
)
const calls: TabCalls = { ...traffic, ...plain, meet, path, directAfter }

if (isWorker) beginWorker(globalThis as unknown as WorkerScope)
else Object.assign(globalThis, { calls })

/** Resolves to the public key, in hex. */
async function meet(params: DirectTabParams): Promise<string> {
  if (params.place !== 'page' && !isWorker) return moveToWorker(params.place)(params)
  const { isDirect, publicKey, url } = params
  await hastenSodium()
  const direct = borrowed ?? undefined
  const swarm = new ProxyClient({ connect: websocket(url), ...(isDirect ? { direct } : { direct: false }) })
  swarm.on('connection', (connection) => {
    current = connection
    const openedMs = performance.now()
    connection.once('path', () => {
      directAfterMs = performance.now() - openedMs
    })
    use(connection as unknown as AnyConnection)
  })
  if (publicKey === undefined) await swarm.listen()
  else swarm.joinPeer(b4a.from(publicKey, 'hex'))
  return b4a.toString(swarm.keyPair.publicKey, 'hex')
}

/** The path of the connection, null if there is none. */
function path(): string | null {
  return current?.path ?? null
}

function directAfter(): number | null {
  return directAfterMs
}

/** From now on a worker answers all calls. Returns its `meet`. */
function moveToWorker(place: DirectTabParams['place']): (params: DirectTabParams) => Promise<string> {
  const { SharedWorker, Worker } = globalThis as unknown as PageScope
  // Each tab has one of its own.
  const options = { type: 'module', name: String(Math.random()) }
  const worker = place === 'worker' ? new Worker('/code.js', options) : new SharedWorker('/code.js', options)
  const end = 'port' in worker ? worker.port : worker
  const waiting = new Map<number, (reply: Reply) => void>()
  let lastId = 0
  end.addEventListener('message', ({ data }) => waiting.get(data.id)?.(data))
  end.start?.()
  lendRtc(worker as never)
  for (const method of Object.keys(calls))
    calls[method] = (params: unknown) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        waiting.set(id, ({ error, result }) => (error === undefined ? resolve(result) : reject(new Error(error))))
        end.postMessage({ id, method, params } satisfies Call)
      })
  return calls['meet'] as (params: DirectTabParams) => Promise<string>
}

function beginWorker(scope: WorkerScope): void {
  if (!('onconnect' in scope)) serveCalls(scope as MessageEnd)
  else
    scope.onconnect = ({ ports: [port] }) => {
      serveCalls(port)
      port.start?.()
    }
}

/** Answers the calls of the page. */
function serveCalls(page: MessageEnd): void {
  page.addEventListener('message', async ({ data: { id, method, params } }) => {
    try {
      page.postMessage({ id, result: await calls[method]?.(params as never) } satisfies Reply)
    } catch (error) {
      page.postMessage({ id, error: String(error) } satisfies Reply)
    }
  })
}
