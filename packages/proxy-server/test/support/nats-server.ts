import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { pause } from '../../../runtime/test/support/until.js'

/** Why tests with NATS cannot run; null if they can. */
export function natsObstacle(): string | null {
  const found = spawnSync('nats-server', ['--version']).error === undefined
  return found ? null : 'nats-server is not installed: apt-get install nats-server'
}

/** Nats-server as a process of its own, on a port that it keeps. */
export class NatsServer {
  readonly port: number
  readonly #args: readonly string[]
  #process: ChildProcess | null = null

  private constructor(port: number, args: readonly string[]) {
    this.port = port
    this.#args = args
  }

  /** One that is killed after the test. */
  static async start(...args: readonly string[]): Promise<NatsServer> {
    const server = new NatsServer(await freeTcpPort(), args)
    onTestFinished(() => server.kill())
    await server.start()
    return server
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const args = ['-a', '127.0.0.1', '-p', String(this.port), ...this.#args]
    this.#process = spawn('nats-server', args, { stdio: 'ignore' })
    while (!(await answers(this.port))) await pause(10)
  }

  /** As when the machine loses power. */
  async kill(): Promise<void> {
    const process = this.#process
    this.#process = null
    if (process === null || process.exitCode !== null) return
    const exited = once(process, 'exit')
    process.kill('SIGCONT')
    process.kill('SIGKILL')
    await exited
  }

  /** It takes connections and bytes, and does nothing. */
  stall(): void {
    this.#process?.kill('SIGSTOP')
  }

  goOn(): void {
    this.#process?.kill('SIGCONT')
  }
}

/** A TCP port that nobody listens on. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('it has a port')
  return address.port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
