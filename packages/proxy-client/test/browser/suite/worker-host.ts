/** A page that owns a worker running a suite: forwards calls, and opens WebSockets for the worker on request. */
import { type MessagePortLike, messagePort } from '@swarmway/proxy-client/messageport'
import { websocket } from '@swarmway/proxy-client/websocket'
import type { Suite } from './runner.js'

/** The parts of a byte duplex that are used here. A WebSocket's duplex cannot be paused. */
interface Pipe {
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown
  on(event: 'error' | 'end' | 'close' | 'drain', listener: () => void): unknown
  write(bytes: Uint8Array): boolean
  end(): void
  pause?(): void
  resume?(): void
  destroy(): void
}

interface Message {
  ready?: true
  open?: string
  port?: MessagePortLike
  id?: number
  result?: unknown
}

interface WorkerLike {
  onmessage: (event: { data: Message }) => void
  postMessage(message: unknown): void
}

const { Worker } = globalThis as unknown as { Worker: new (url: string, options: { type: 'module' }) => WorkerLike }
const worker = new Worker('/contract.js', { type: 'module' })
const waiting = new Map<number, (result: unknown) => void>()
let lastId = 0

worker.onmessage = ({ data }) => {
  if (data.ready === true) Object.assign(globalThis, { suite })
  else if (data.open !== undefined) void open(data.open, data.port as MessagePortLike)
  else waiting.get(data.id ?? 0)?.(data.result)
}

const suite = Object.fromEntries(
  ['list', 'begin', 'run', 'end', 'settle'].map((method) => [method, (argument: unknown) => call(method, argument)])
) as unknown as Suite

function call(method: string, argument: unknown): Promise<unknown> {
  const id = ++lastId
  const result = new Promise((resolve) => waiting.set(id, resolve))
  worker.postMessage({ id, method, argument })
  return result
}

/** Joins the worker's port with a WebSocket. When either ends, so does the other. */
async function open(url: string, port: MessagePortLike): Promise<void> {
  const near = messagePort(port) as unknown as Pipe
  near.on('error', () => {})
  const [connect] = websocket(url)
  try {
    const far = (await connect?.()) as unknown as Pipe
    join(near, far)
    join(far, near)
  } catch {
    near.destroy()
  }
}

function join(from: Pipe, to: Pipe): void {
  from.on('data', (bytes) => {
    if (!to.write(bytes)) from.pause?.()
  })
  to.on('drain', () => from.resume?.())
  from.on('end', () => to.end())
  from.on('error', () => {})
  from.on('close', () => to.destroy())
}
