/** A phone: runs a bundle in an engine, and does for it what React Native's native side does. */
import { WebSocket } from 'ws'
import type { CreateEngine, Engine } from './engines.ts'

/** A message of `platform.js`. */
interface Message {
  readonly timer?: number
  readonly delayMs?: number
  readonly open?: number
  readonly url?: string
  readonly write?: number
  readonly hex?: string
  readonly close?: number
  readonly code?: number
  readonly report?: string
  readonly value?: unknown
  readonly log?: string
  readonly uncaught?: string
}

export class Phone {
  /** What the application reported, in order. */
  readonly reports: { what: string; value: unknown }[] = []
  readonly uncaught: string[] = []
  readonly #engine: Engine
  readonly #sockets = new Map<number, WebSocket>()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #isClosed = false

  constructor(create: CreateEngine, scripts: readonly string[]) {
    this.#engine = create((line) => this.#onLine(line))
    for (const script of scripts) this.#engine.evaluate(script)
  }

  /** Calls a global function of the application. */
  call(name: string, ...args: unknown[]): void {
    this.#tell({ call: name, args })
  }

  /** What AppState becomes. */
  become(state: 'background' | 'active'): void {
    this.#tell({ state })
  }

  count(what: string): number {
    return this.reports.filter((report) => report.what === what).length
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const socket of this.#sockets.values()) socket.terminate()
    this.#engine.close()
  }

  #tell(message: object): void {
    if (!this.#isClosed) this.#engine.evaluate(`hear(${JSON.stringify(message)})`)
  }

  #onLine(line: string): void {
    if (!line.startsWith('@')) {
      if (line.includes('Error')) this.uncaught.push(line)
      return
    }
    const message = JSON.parse(line.slice(1)) as Message
    // Not at once: in the same process, the engine is still running.
    setImmediate(() => this.#onMessage(message))
  }

  #onMessage({
    timer,
    delayMs = 0,
    open,
    url = '',
    write,
    hex = '',
    close,
    code,
    report,
    value,
    uncaught
  }: Message): void {
    if (this.#isClosed) return
    if (timer !== undefined) this.#startTimer(timer, delayMs)
    if (open !== undefined) this.#open(open, url)
    if (write !== undefined) this.#sockets.get(write)?.send(Buffer.from(hex, 'hex'))
    if (close !== undefined) this.#sockets.get(close)?.close(code)
    if (report !== undefined) this.reports.push({ what: report, value })
    if (uncaught !== undefined) this.uncaught.push(uncaught)
  }

  #startTimer(id: number, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#tell({ fire: id })
    }, delayMs)
    this.#timers.add(timer)
  }

  #open(id: number, url: string): void {
    const socket = new WebSocket(url)
    this.#sockets.set(id, socket)
    socket.on('open', () => this.#tell({ socket: id, type: 'open', event: {} }))
    socket.on('message', (data: Buffer) => this.#tell({ socket: id, type: 'message', hex: data.toString('hex') }))
    socket.on('error', ({ message }) => this.#tell({ socket: id, type: 'error', event: { message } }))
    socket.on('close', (code) => this.#tell({ socket: id, type: 'close', event: { code, reason: '' } }))
  }
}
