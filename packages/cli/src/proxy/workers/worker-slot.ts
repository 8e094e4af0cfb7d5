import cluster, { type Worker } from 'node:cluster'
import { type Clock, systemClock } from '@swarmway/proxy-protocol'
import type { ProxySettings } from '../config/settings.js'
import { Backoff } from './backoff.js'
import type { FromWorker, ToWorker } from './messages.js'

/** What a slot tells the pool. */
export interface WorkerSlotListener {
  onMessage(slot: WorkerSlot, message: FromWorker): void
  /** Its worker is gone. `retryMs`: another one comes then; null: none, it was told to stop. */
  onExit(slot: WorkerSlot, reason: string, retryMs: number | null): void
}

/** What a slot is given. */
export interface WorkerSlotOptions {
  /** From 1; a worker that takes another's place has its number. */
  readonly number: number
  readonly settings: ProxySettings
  /** Makes the path of a new worker's handover socket. */
  readonly handoverPathOf: (workerId: number) => string
  readonly listener: WorkerSlotListener
  readonly clock?: Clock
}

/** The place of one worker: forks it, and another one when it dies. */
export class WorkerSlot {
  readonly number: number
  /** The path of its worker's handover socket. */
  handoverPath = ''
  readonly #options: WorkerSlotOptions
  readonly #clock: Clock
  readonly #backoff = new Backoff()
  #worker: Worker | null = null
  #bornMs = 0
  #timer: unknown = null
  #isStopping = false

  constructor(options: WorkerSlotOptions) {
    this.number = options.number
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#fork()
  }

  /** Whether a process is there. */
  get isAlive(): boolean {
    return this.#worker !== null
  }

  /** Its process. */
  get pid(): number | undefined {
    return this.#worker?.process.pid
  }

  send(message: ToWorker): void {
    if (this.#worker?.isConnected()) this.#worker.send(message)
  }

  /** Its worker can hear: a message sent earlier may come before anybody listens. */
  start(): void {
    if (this.#isStopping) this.send({ type: 'stop' })
    else
      this.send({
        type: 'start',
        settings: this.#options.settings,
        worker: this.number,
        handoverPath: this.handoverPath
      })
  }

  /** Replaces its worker, which could not start. */
  restart(): void {
    this.#worker?.process.kill('SIGKILL')
  }

  /** No other worker any more; this one drains and ends. */
  stop(): void {
    this.#isStopping = true
    this.#clock.clearTimeout(this.#timer)
    this.send({ type: 'stop' })
  }

  /** Its worker has drained: no connection is on its way to it any more, and it may end. */
  end(): void {
    this.send({ type: 'end' })
  }

  /** Ends its process at once. */
  kill(): void {
    this.#isStopping = true
    this.#clock.clearTimeout(this.#timer)
    this.#worker?.process.kill('SIGKILL')
  }

  #fork(): void {
    const { handoverPathOf, listener } = this.#options
    const worker = cluster.fork()
    this.#worker = worker
    this.#bornMs = this.#clock.now()
    this.handoverPath = handoverPathOf(worker.id)
    worker.on('message', (message: FromWorker) => listener.onMessage(this, message))
    worker.once('exit', (code, signal) => this.#onExit(signal ?? `exit code ${code}`))
  }

  #onExit(reason: string): void {
    this.#worker = null
    const retryMs = this.#isStopping ? null : this.#backoff.next(this.#clock.now() - this.#bornMs)
    if (retryMs !== null) this.#timer = this.#clock.setTimeout(() => this.#fork(), retryMs)
    this.#options.listener.onExit(this, reason, retryMs)
  }
}
