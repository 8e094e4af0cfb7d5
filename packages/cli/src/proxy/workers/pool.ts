import { combineErrors, combineSnapshots, RecentErrors, type Snapshot } from '@swarmway/proxy-server/status'
import { CliError } from '../../shared/errors/cli-error.js'
import type { ProxySettings } from '../config/settings.js'
import type { DhtWord } from '../server/health.js'
import type { Logger } from '../server/log.js'
import type { Ports } from '../server/running-server.js'
import { createHandoverFolder, handoverPath, removeHandoverFolder } from './handover-path.js'
import { type FromWorker, Questions } from './messages.js'
import { SessionDirectory } from './session-directory.js'
import { WorkerSlot, type WorkerSlotListener } from './worker-slot.js'

const SNAPSHOT_TIMEOUT_MS = 1000
/** The best first. */
const WORDS: readonly DhtWord[] = ['online', 'offline', 'off']

/** The workers from the primary's point of view. */
export class WorkerPool implements WorkerSlotListener {
  /** Number of workers that replaced one that died. */
  restarts = 0
  /** Resolves to the ports once all workers listen. Rejects with the CliError of the first that cannot start. */
  readonly ready: Promise<Ports>
  readonly #log: Logger
  readonly #folder: string
  readonly #slots: WorkerSlot[]
  readonly #sessions = new SessionDirectory()
  readonly #snapshots = new Questions<Snapshot>()
  readonly #cuts = new Questions<boolean>()
  /** Deaths of workers. */
  readonly #errors = new RecentErrors()
  readonly #unready: Set<WorkerSlot>
  #onReady: (ports: Ports) => void = ignore
  #onFailed: (error: CliError) => void = ignore
  #onEmpty: () => void = ignore

  constructor(settings: ProxySettings, log: Logger) {
    this.#log = log
    this.#folder = createHandoverFolder()
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve
      this.#onFailed = reject
    })
    const handoverPathOf = (id: number) => handoverPath(this.#folder, id)
    const numbers = Array.from({ length: settings.workers }, (_, index) => index + 1)
    this.#slots = numbers.map((number) => new WorkerSlot({ number, settings, handoverPathOf, listener: this }))
    this.#unready = new Set(this.#slots)
  }

  /** Number of live workers. */
  get size(): number {
    return this.#slots.filter((slot) => slot.isAlive).length
  }

  /** `online` if the DHT answers any of the workers; undefined before one has told. */
  get dhtWord(): DhtWord | undefined {
    const words = this.#slots.map((slot) => slot.dhtWord)
    return WORDS.find((word) => words.includes(word))
  }

  /** The workers' metrics; workers that do not answer are left out. */
  async snapshots(): Promise<Snapshot[]> {
    const asked = this.#slots.map((slot) =>
      this.#snapshots.ask((request) => slot.send({ type: 'snapshot', request }), SNAPSHOT_TIMEOUT_MS)
    )
    return (await Promise.all(asked)).filter((snapshot) => snapshot !== null)
  }

  /** The sum of the workers' figures, with what happened to the workers themselves. */
  async snapshot(): Promise<Snapshot> {
    const sum = combineSnapshots(await this.snapshots())
    return { ...sum, restarts: this.restarts, errors: combineErrors([sum.errors, this.#errors.list()]) }
  }

  /** Ends the session of a client of the worker with this process ID. Resolves to false if there is none. */
  async cutOff(pid: number, number: number): Promise<boolean> {
    const slot = this.#slots.find((one) => one.pid === pid)
    if (slot === undefined) return false
    const answer = await this.#cuts.ask(
      (request) => slot.send({ type: 'cut-off', request, pid, number }),
      SNAPSHOT_TIMEOUT_MS
    )
    return answer === true
  }

  /** Drains and stops all workers. */
  async stop(): Promise<void> {
    for (const slot of this.#slots) slot.stop()
    if (this.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    removeHandoverFolder(this.#folder)
  }

  /** Kills the remaining workers. */
  kill(): void {
    for (const slot of this.#slots) slot.kill()
    removeHandoverFolder(this.#folder)
  }

  onMessage(slot: WorkerSlot, message: FromWorker): void {
    if (message.type === 'hello') slot.start()
    else if (message.type === 'ready') this.#onWorkerReady(slot, message.ports)
    else if (message.type === 'dht') slot.dhtWord = message.word
    else if (message.type === 'stopped') slot.end()
    else if (message.type === 'failed') this.#onWorkerFailed(slot, message)
    else if (message.type === 'session') this.#sessions.update(message.id, message.isOpen, slot.number)
    else if (message.type === 'find')
      slot.send({ type: 'owner', request: message.request, handoverPath: this.#handoverPathOf(message.id) })
    else if (message.type === 'snapshot') this.#snapshots.answer(message.request, message.snapshot)
    else if (message.type === 'cut-off') this.#cuts.answer(message.request, message.isDone)
  }

  onExit(slot: WorkerSlot, reason: string, retryMs: number | null): void {
    this.#sessions.forget(slot.number)
    if (retryMs !== null) {
      this.restarts++
      this.#errors.add('WORKER_DIED', `A worker process died (${reason}) and is replaced`)
      this.#log.error({ worker: slot.number, reason, retryMs }, 'a worker died')
    }
    if (this.size === 0) this.#onEmpty()
  }

  #onWorkerReady(slot: WorkerSlot, ports: Ports): void {
    this.#log.debug({ worker: slot.number, workerPid: slot.pid }, 'worker listens')
    this.#unready.delete(slot)
    if (this.#unready.size === 0) this.#onReady(ports)
  }

  #onWorkerFailed(slot: WorkerSlot, { exitCode, hint, message }: FromWorker & { type: 'failed' }): void {
    // If the first start fails, a retry would not help; this ends the process.
    if (this.#unready.size > 0) this.#onFailed(new CliError(message, { hint, exitCode }))
    else this.#log.error({ worker: slot.number, reason: message }, 'a worker cannot start')
    slot.restart()
  }

  #handoverPathOf(session: string): string | null {
    const owner = this.#sessions.ownerOf(session)
    return this.#slots.find((slot) => slot.number === owner)?.handoverPath ?? null
  }
}

function ignore(): void {}
