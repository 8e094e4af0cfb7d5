/** A NATS server as a process, and what it counts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Totals of a broker. */
export interface BrokerTotals {
  /** Messages that servers have sent to it. */
  in: number
  /** Messages that it has passed on: one for each server that reads. */
  out: number
  inBytes: number
  outBytes: number
}

/** The broker of a benchmark. */
export class Nats {
  readonly url: string
  readonly #monitor: string
  readonly #child: ChildProcess

  private constructor(port: number, monitorPort: number) {
    this.url = `nats://127.0.0.1:${port}`
    this.#monitor = `http://127.0.0.1:${monitorPort}/varz`
    const args = ['-a', '127.0.0.1', '-p', String(port), '-m', String(monitorPort)]
    this.#child = spawn('nats-server', args, { stdio: 'ignore' })
  }

  /** Rejects if nats-server is not installed. */
  static async start(): Promise<Nats> {
    const nats = new Nats(await freePort(), await freePort())
    const failed = once(nats.#child, 'error').then(([error]) => {
      throw new Error('This benchmark needs nats-server: apt-get install nats-server.', { cause: error })
    })
    await Promise.race([failed, nats.#ready()])
    return nats
  }

  async totals(): Promise<BrokerTotals> {
    const answer = (await (await fetch(this.#monitor)).json()) as Record<string, number>
    const of = (name: string) => answer[name] ?? 0
    return { in: of('in_msgs'), out: of('out_msgs'), inBytes: of('in_bytes'), outBytes: of('out_bytes') }
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }

  async #ready(): Promise<void> {
    for (;;) {
      try {
        await this.totals()
        return
      } catch {
        await sleep(20)
      }
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
