/** Many peers on one topic: how long until they are connected, and what it costs. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CrowdMember, type Shape, shapeOf } from '../../../bench/lib/graph.ts'
import type { Address } from '../../../bench/lib/modules.ts'
import type { Worker } from '../../../bench/lib/worker.ts'
import type { CrowdParams } from '../agents/crowd.ts'
import type { NetworkSystem } from '../agents/swarms.ts'
import type { Host, Lab } from '../lab/lab.ts'
import { nowMs } from '../lab/now.ts'

const POLL_MS = 250

/** Processes on hosts, all with the same number of swarms. */
export interface CrowdPlan {
  readonly system: NetworkSystem
  readonly bootstrap: readonly Address[] | null
  readonly swarmsAHost: number
  readonly gapMs: number
  readonly lan?: boolean
  /** Hex. Default: one of its own. */
  readonly topic?: string
}

export class Crowd {
  readonly #agents: Worker[]

  private constructor(agents: Worker[]) {
    this.#agents = agents
  }

  /** Resolves to the crowd, and the moment at which the last one joined. */
  static async start(lab: Lab, hosts: readonly Host[], plan: CrowdPlan): Promise<{ crowd: Crowd; joinedMs: number }> {
    const { swarmsAHost, topic = randomBytes(32).toString('hex'), ...rest } = plan
    const agents = hosts.map((host) => lab.agent(host, 'crowd'))
    // Processes take a while to start, which should not count.
    await Promise.all(agents.map((agent) => agent.call('look')))
    const params: CrowdParams = { ...rest, count: swarmsAHost, topic }
    const joined = await Promise.all(agents.map((agent) => agent.call<number>('start', params)))
    return { crowd: new Crowd(agents), joinedMs: Math.max(...joined) }
  }

  async shape(): Promise<Shape> {
    const members = await Promise.all(this.#agents.map((agent) => agent.call<CrowdMember[]>('look')))
    return shapeOf(members.flat())
  }

  /** When the last swarm had its first connection, as each process has noticed it; Infinity if not within `limitMs`. */
  async connectedMs(limitMs: number): Promise<number> {
    const all = Promise.all(this.#agents.map((agent) => agent.call<number>('connected')))
    const tooLate = sleep(limitMs, Number.POSITIVE_INFINITY, { ref: false })
    return Promise.race([all.then((times) => Math.max(...times)), tooLate])
  }

  /** Of all processes together. */
  async cpuSeconds(): Promise<number> {
    const seconds = await Promise.all(this.#agents.map((agent) => agent.call<number>('cpuSeconds')))
    return seconds.reduce((sum, one) => sum + one, 0)
  }

  /**
   * Watches until the last goal is reached, or the time is over. Resolves to the seconds from `sinceMs` for each goal,
   * Infinity if it was not reached, and the last shape.
   */
  async watch(sinceMs: number, limitMs: number, goals: readonly ((shape: Shape) => boolean)[]): Promise<Watched> {
    const seconds = goals.map(() => Number.POSITIVE_INFINITY)
    for (;;) {
      const shape = await this.shape()
      const elapsedMs = nowMs() - sinceMs
      goals.forEach((isReached, index) => {
        if (isReached(shape)) seconds[index] = Math.min(seconds[index] ?? 0, elapsedMs / 1000)
      })
      if (seconds.every(Number.isFinite) || elapsedMs > limitMs) return { seconds, shape }
      await sleep(POLL_MS)
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.end()))
  }
}

/** What `watch` saw. */
export interface Watched {
  readonly seconds: readonly number[]
  readonly shape: Shape
}
