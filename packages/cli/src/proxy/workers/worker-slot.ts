import cluster, { type Worker } from 'node:cluster'
import { type Clock, systemClock } from '@swarmway/proxy-protocol'
import type { ProxySettings } from '../config/settings.js'
import type { DhtWord } from '../server/health.js'
import type { FromWorker, ToWorker } from './messages.js'

/** Events of a slot for the pool. */
export interface WorkerSlotListener {
  onMessage(slot: WorkerSlot, message: FromWorker): void
  /** Its worker has died. `retryMs`: delay before the next one; null: none, it was told to stop. */
  onExit(slot: WorkerSlot, reason: string, retryMs: number | null): void
}

/** The parameters of a slot. */
export interface WorkerSlotOptions {
  /** From 1; a replacement worker has the same number. */
  readonly number: number
  readonly settings: ProxySettings
  /** Creates the path of a new worker's handover socket. */
  readonly handoverPathOf: (workerId: number) => string
  readonly listener: WorkerSlotListener
  readonly clock?: Clock
}

/** The slot of one worker: forks it, and replaces it when it dies. */
export class WorkerSlot {
  readonly number: number
  /** The state of its worker's DHT node; undefined until it has told. */
  dhtWord: DhtWord | undefined = undefined
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

  /** Whether it has a process. */
  get isAlive(): boolean {
    return this.#worker !== null
  }

  /** Its process id. */
  get pid(): number | undefined {
    return this.#worker?.process.pid
  }

  send(message: ToWorker): void {
    if (this.#worker?.isConnected()) this.#worker.send(message)
  }

  /** Its worker is listening for messages; earlier ones could be lost. */
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

  /** Starts no more workers; this one drains and stops. */
  stop(): void {
    this.#isStopping = true
    this.#clock.clearTimeout(this.#timer)
    this.send({ type: 'stop' })
  }

  /** Its worker has drained: no more connections are on their way to it, and it may exit. */
  end(): void {
    this.send({ type: 'end' })
  }

  /** Kills its process. */
  kill(): void {
    this.#isStopping = true
    this.#clock.clearTimeout(this.#timer)
    this.#worker?.process.kill('SIGKILL')
  }

  #fork(): void {
    const { handoverPathOf, listener } = this.#options
    // Before those that the user has given to Node, which count then.
    cluster.setupPrimary({ execArgv: [...NODE_OPTIONS, ...process.execArgv] })
    const worker = cluster.fork()
    this.#worker = worker
    this.#bornMs = this.#clock.now()
    this.handoverPath = handoverPathOf(worker.id)
    worker.on('message', (message: FromWorker) => listener.onMessage(this, message))
    worker.once('exit', (code, signal) => this.#onExit(signal ?? `exit code ${code}`))
  }

  #onExit(reason: string): void {
    this.#worker = null
    this.dhtWord = undefined
    const retryMs = this.#isStopping ? null : this.#backoff.next(this.#clock.now() - this.#bornMs)
    if (retryMs !== null) this.#timer = this.#clock.setTimeout(() => this.#fork(), retryMs)
    this.#options.listener.onExit(this, reason, retryMs)
  }
}

/**
 * MiB of the young generation of a worker's heap. What a server allocates is on its way through and dies young, unless the
 * space is so small that it is moved out before, for full collections to find. Node begins with 1 MiB.
 */
const NODE_OPTIONS: readonly string[] = ['--min-semi-space-size=16']

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000
/** A worker that has lived this long was healthy. */
const HEALTHY_MS = 60_000

/** Delays the replacement of workers, so that a fault at startup does not cause a restart storm. */
export class Backoff {
  #delayMs = FIRST_DELAY_MS

  /** Milliseconds to wait after a worker that lived this long; doubled with each that dies young, up to 30 s. */
  next(livedMs: number): number {
    if (livedMs >= HEALTHY_MS) this.#delayMs = FIRST_DELAY_MS
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS)
    return delayMs
  }
}
