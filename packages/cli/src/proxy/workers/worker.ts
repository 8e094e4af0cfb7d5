import { type ServerSource, serverSource } from '@swarmway/proxy-server/status'
import { AggregatorRegistry } from 'prom-client'
import { CliError } from '../../shared/errors/cli-error.js'
import { EXIT } from '../../shared/errors/exit-codes.js'
import { createLog, type Logger } from '../server/log.js'
import { createMetrics } from '../server/metrics.js'
import { RunningServer } from '../server/running-server.js'
import { handoverFolderOf, removeHandoverFolder } from './handover-path.js'
import { openHandoverSocket } from './handover-socket.js'
import { LinkRouter } from './link-router.js'
import { type FromWorker, Questions, type ToWorker } from './messages.js'
import { SessionReports } from './session-reports.js'

type StartMessage = ToWorker & { readonly type: 'start' }

/** How long a worker waits for the primary to say which worker has a session. */
const FIND_TIMEOUT_MS = 1000

/** One of several processes that share the ports. It obeys the primary and ends with it. */
export class Worker {
  readonly #questions = new Questions<string>()
  #handoverPath: string | null = null
  #running: RunningServer | null = null
  #source: ServerSource | null = null

  /** Listens to the primary. */
  constructor() {
    // Answers the primary's requests for metrics; none arrive before the server exists.
    new AggregatorRegistry()
    // Terminals and service managers signal all processes of a group; the primary decides what to do.
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
    process.on('message', (message) => this.#onMessage(message as ToWorker))
    process.on('exit', () => this.#tidyUp())
    send({ type: 'hello' })
  }

  #onMessage(message: ToWorker): void {
    if (message.type === 'start') void this.#start(message)
    else if (message.type === 'stop') void this.#stop()
    else if (message.type === 'end') process.exit(EXIT.ok)
    else if (message.type === 'owner') this.#questions.answer(message.request, message.handoverPath)
    else if (message.type === 'snapshot') this.#sendSnapshot(message.request)
    else if (message.type === 'cut-off') this.#cutOff(message)
  }

  async #start(message: StartMessage): Promise<void> {
    try {
      const log = createLog(message.settings, message.worker)
      this.#running = await this.#run(message, log)
      send({ type: 'ready', ports: this.#running.ports })
    } catch (error) {
      send(failure(error))
    }
  }

  async #run({ handoverPath, settings, worker }: StartMessage, log: Logger): Promise<RunningServer> {
    const sessions = new SessionReports((id, isOpen) => send({ type: 'session', id, isOpen }))
    const finder = { has: (id: string) => sessions.has(id), find: (id: string) => this.#find(id) }
    const running = await RunningServer.start({
      settings,
      log,
      worker,
      route: (server) => {
        sessions.follow(server)
        return new LinkRouter(server, finder, log)
      }
    })
    const { server } = running
    const tellDht = () => send({ type: 'dht', word: running.dhtWord })
    for (const event of ['online', 'offline'] as const) server.on(event, tellDht)
    tellDht()
    await openHandoverSocket(handoverPath, server)
    this.#handoverPath = handoverPath
    AggregatorRegistry.setRegistries(createMetrics(() => server.stats, server.limits))
    if (settings.status) this.#source = serverSource(server, { clients: settings.logAddresses })
    return running
  }

  #find(id: string): Promise<string | null> {
    return this.#questions.ask((request) => send({ type: 'find', request, id }), FIND_TIMEOUT_MS)
  }

  #sendSnapshot(request: number): void {
    if (this.#source !== null) send({ type: 'snapshot', request, snapshot: this.#source.snapshot() })
  }

  #cutOff({ number, pid, request }: ToWorker & { readonly type: 'cut-off' }): void {
    send({ type: 'cut-off', request, isDone: this.#source?.cutOff(pid, number) === true })
  }

  /** node:cluster kills a worker whose primary was killed and could not clean up. */
  #tidyUp(): void {
    if (!process.connected && this.#handoverPath !== null) removeHandoverFolder(handoverFolderOf(this.#handoverPath))
  }

  /**
   * Connections that node:cluster sent before it learned that this worker had closed are still on their way. They go to
   * another worker if this one lives until the primary has answered; otherwise they would be reset with this process.
   */
  async #stop(): Promise<void> {
    await this.#running?.stop()
    send({ type: 'stopped' })
  }
}

function send(message: FromWorker): void {
  // If the primary is gone, there is nobody to report to, and this process is about to end.
  if (process.connected) process.send?.(message)
}

function failure(error: unknown): FromWorker {
  if (error instanceof CliError) {
    const { exitCode, hint, message } = error
    return { type: 'failed', message, hint, exitCode }
  }
  const message = `A worker failed: ${error instanceof Error ? error.message : String(error)}.`
  return { type: 'failed', message, hint: undefined, exitCode: EXIT.unexpected }
}
