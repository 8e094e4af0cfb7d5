import type { Snapshot } from '@swarmway/proxy-server/status'
import { CliError } from '../../shared/cli-error.js'
import type { ProxySettings } from '../config/settings.js'
import type { Logger } from '../server/log.js'
import type { Ports } from '../server/running-server.js'
import { createDoorFolder, doorPath, removeDoorFolder } from './door-path.js'
import { type FromWorker, Questions } from './messages.js'
import { Seat, type SeatListener } from './seat.js'
import { SessionDirectory } from './session-directory.js'

const SNAPSHOT_TIMEOUT_MS = 1000

/** The workers, as the primary sees them. */
export class WorkerPool implements SeatListener {
  /** Workers that took the place of one that died. */
  restarts = 0
  /** Resolves to the ports when all workers listen for the first time. Rejects with the CliError of the first that cannot. */
  readonly ready: Promise<Ports>
  readonly #log: Logger
  readonly #folder: string
  readonly #seats: Seat[]
  readonly #sessions = new SessionDirectory()
  readonly #snapshots = new Questions<Snapshot>()
  readonly #unready: Set<Seat>
  #onReady: (ports: Ports) => void = ignore
  #onFailed: (error: CliError) => void = ignore
  #onEmpty: () => void = ignore

  constructor(settings: ProxySettings, log: Logger) {
    this.#log = log
    this.#folder = createDoorFolder()
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve
      this.#onFailed = reject
    })
    const backDoorOf = (id: number) => doorPath(this.#folder, id)
    const numbers = Array.from({ length: settings.workers }, (_, index) => index + 1)
    this.#seats = numbers.map((number) => new Seat({ number, settings, backDoorOf, listener: this }))
    this.#unready = new Set(this.#seats)
  }

  /** Workers that are there. */
  get size(): number {
    return this.#seats.filter((seat) => seat.isAlive).length
  }

  /** What the workers say about themselves; those that do not answer are left out. */
  async snapshots(): Promise<Snapshot[]> {
    const asked = this.#seats.map((seat) =>
      this.#snapshots.ask((request) => seat.send({ type: 'snapshot', request }), SNAPSHOT_TIMEOUT_MS)
    )
    return (await Promise.all(asked)).filter((snapshot) => snapshot !== null)
  }

  /** All drain and end. */
  async stop(): Promise<void> {
    for (const seat of this.#seats) seat.stop()
    if (this.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    removeDoorFolder(this.#folder)
  }

  /** Ends those that are left, at once. */
  kill(): void {
    for (const seat of this.#seats) seat.kill()
    removeDoorFolder(this.#folder)
  }

  onMessage(seat: Seat, message: FromWorker): void {
    if (message.type === 'hello') seat.start()
    else if (message.type === 'ready') this.#onWorkerReady(seat, message.ports)
    else if (message.type === 'stopped') seat.end()
    else if (message.type === 'failed') this.#onWorkerFailed(seat, message)
    else if (message.type === 'session') this.#sessions.update(message.id, message.isOpen, seat.number)
    else if (message.type === 'find')
      seat.send({ type: 'owner', request: message.request, backDoor: this.#door(message.id) })
    else if (message.type === 'snapshot') this.#snapshots.answer(message.request, message.snapshot)
  }

  onExit(seat: Seat, reason: string, retryMs: number | null): void {
    this.#sessions.forget(seat.number)
    if (retryMs !== null) {
      this.restarts++
      this.#log.error({ worker: seat.number, reason, retryMs }, 'a worker died')
    }
    if (this.size === 0) this.#onEmpty()
  }

  #onWorkerReady(seat: Seat, ports: Ports): void {
    this.#log.debug({ worker: seat.number, workerPid: seat.pid }, 'worker listens')
    this.#unready.delete(seat)
    if (this.#unready.size === 0) this.#onReady(ports)
  }

  #onWorkerFailed(seat: Seat, { exitCode, hint, message }: FromWorker & { type: 'failed' }): void {
    // At the first start nothing is to be had by trying again; this ends the process.
    if (this.#unready.size > 0) this.#onFailed(new CliError(message, { hint, exitCode }))
    else this.#log.error({ worker: seat.number, reason: message }, 'a worker cannot start')
    seat.restart()
  }

  #door(session: string): string | null {
    const owner = this.#sessions.ownerOf(session)
    return this.#seats.find((seat) => seat.number === owner)?.backDoor ?? null
  }
}

function ignore(): void {}
