/** Worker processes: each measurement runs in a fresh one, so that no round inherits memory or sockets. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Call {
  id: number
  method: string
  params: unknown
}

interface Reply {
  id: number
  result?: unknown
  error?: string
}

type Handlers = Record<string, (params: never) => unknown>

/** In the worker: answers calls with these functions until the parent goes. */
export function serve(handlers: Handlers): void {
  process.on('disconnect', () => process.exit(0))
  process.on('message', async ({ id, method, params }: Call) => {
    process.send?.(await answer(handlers, id, method, params))
  })
}

async function answer(handlers: Handlers, id: number, method: string, params: unknown): Promise<Reply> {
  try {
    const handler = handlers[method]
    if (handler === undefined) throw new Error(`no method ${method}`)
    return { id, result: await handler(params as never) }
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** In the parent: a worker process. */
export class Worker {
  readonly #child: ChildProcess
  readonly #calls = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  readonly #exited: Promise<void>
  /** Rejects when the process ends before `end` is called, even if no call waits for it then. */
  readonly failed: Promise<never>
  #lastId = 0
  #isEnding = false

  /** `name` is a file in bench/workers, without its ending, unless `start` starts the process in another way. */
  constructor(name: string, nodeOptions: string[] = [], start = () => forkWorker(name, nodeOptions)) {
    this.#child = start()
    this.#child.on('message', (reply: Reply) => this.#onReply(reply))
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()))
    this.failed = new Promise((_, reject) => {
      this.#child.once('exit', (code, signal) => {
        const error = new Error(`The ${name} worker ended early (${signal ?? `exit code ${code}`}).`)
        for (const call of this.#calls.values()) call.reject(error)
        if (!this.#isEnding) reject(error)
      })
    })
    this.failed.catch(() => {})
  }

  call<Result>(method: string, params: unknown = {}): Promise<Result> {
    const id = ++this.#lastId
    const result = new Promise<unknown>((resolve, reject) => this.#calls.set(id, { resolve, reject }))
    this.#child.send({ id, method, params } satisfies Call)
    return result as Promise<Result>
  }

  /** Sends a signal to the process, for example to stop it for a while. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  /** Ends the process. What it had open goes with it. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.#calls.clear()
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  #onReply({ id, result, error }: Reply): void {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    if (error === undefined) call?.resolve(result)
    else call?.reject(new Error(error))
  }
}

function forkWorker(name: string, nodeOptions: string[]): ChildProcess {
  const file = fileURLToPath(new URL(`../workers/${name}.ts`, import.meta.url))
  return fork(file, { execArgv: [...process.execArgv, ...nodeOptions] })
}

/** Runs `use` with fresh workers, which have ended when this resolves. Rejects as soon as one of them fails. */
export async function withWorkers<Result>(workers: Worker[], use: () => Promise<Result>): Promise<Result> {
  try {
    return await Promise.race([use(), ...workers.map((worker) => worker.failed)])
  } finally {
    await Promise.all(workers.map((worker) => worker.end()))
  }
}
