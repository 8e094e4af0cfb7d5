/** Two peers that should talk to each other, each at home, on one topic of their own. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '../../../bench/lib/modules.ts'
import type { Worker } from '../../../bench/lib/worker.ts'
import type { HeardParams, JoinParams } from '../agents/peer.ts'
import type { NetworkSystem } from '../agents/swarms.ts'
import type { Host, Lab, NatKind } from '../lab/lab.ts'
import { nowMs } from '../lab/now.ts'

/** How long a first announce may take before a test proceeds without it. */
const FLUSH_LIMIT_MS = 20_000
/** What most homes have. */
const NAT: NatKind = 'port-restricted'
const FIRST_CONNECTION_LIMIT_MS = 60_000

/** What the peers of a pair have in common. */
export interface PairParams {
  readonly system: NetworkSystem
  readonly bootstrap: readonly Address[]
  readonly url?: string | undefined
  /** Whether the steady one cannot be dialled. Default: false. */
  readonly isSteadyClientOnly?: boolean | undefined
}

export class Peer {
  readonly lab: Lab
  readonly host: Host
  readonly #params: Omit<JoinParams, 'flushMs'>
  #agent: Worker

  constructor(lab: Lab, host: Host, params: Omit<JoinParams, 'flushMs'>) {
    this.lab = lab
    this.host = host
    this.#params = { seed: randomBytes(32).toString('hex'), ...params }
    this.#agent = lab.agent(host, 'peer')
  }

  /** Resolves to the moment of the call of `join` in the process. */
  join({ flushMs = null }: { flushMs?: number | null } = {}): Promise<number> {
    return this.#agent.call<number>('join', { ...this.#params, flushMs } satisfies JoinParams)
  }

  /** When data arrived that was sent after a moment, or null. */
  heard(params: HeardParams): Promise<number | null> {
    return this.#agent.call<number | null>('heard', params)
  }

  /** Kills the process, and starts it again with the same key after a while. Resolves to the moment at which it joins. */
  async restart({ afterMs = 0 } = {}): Promise<number> {
    await this.#agent.end()
    await sleep(afterMs)
    this.#agent = this.lab.agent(this.host, 'peer')
    return this.join()
  }

  setDark(isDark: boolean): Promise<void> {
    return this.lab.setDark(this.host, isDark)
  }

  /** Moves the host to another home. Resolves to the moment from which it can send. */
  async move(): Promise<number> {
    await this.lab.move(this.host, NAT)
    return nowMs()
  }

  /** Restarts the NAT. Resolves to the moment from which it works. */
  async forgetMappings({ changesAddress }: { changesAddress: boolean }): Promise<number> {
    await this.lab.forgetMappings(this.host, changesAddress)
    return nowMs()
  }

  /** Stops the process, as sleep does, or lets it run again. */
  setStopped(isStopped: boolean): void {
    this.#agent.signal(isStopped ? 'SIGSTOP' : 'SIGCONT')
  }

  end(): Promise<void> {
    return this.#agent.end()
  }
}

/** The first is an ordinary peer; things happen to the second, which may be a proxied one. */
export interface Pair {
  readonly lab: Lab
  readonly steady: Peer
  readonly troubled: Peer
  /** Whether the troubled one joins first, so that the other dials it. */
  readonly isTroubledFirst: boolean
}

/** Both behind NATs, 40 ms apart. Nobody has joined yet. Every other pair joins in the other order. */
export async function makePair(lab: Lab, round: number, params: PairParams): Promise<Pair> {
  const name = `${params.system}${round}`
  const topic = randomBytes(32).toString('hex')
  const link = { delayMs: 10 }
  const [steadyHost, troubledHost] = [await lab.home(`${name}-a`, NAT, link), await lab.home(`${name}-b`, NAT, link)]
  const native = params.system === 'proxied' ? 'swarmway' : params.system
  const isClientOnly = params.isSteadyClientOnly === true
  const steady = new Peer(lab, steadyHost, { ...params, system: native, topic, isClientOnly })
  const troubled = new Peer(lab, troubledHost, { ...params, topic })
  return { lab, steady, troubled, isTroubledFirst: isClientOnly || round % 2 === 0 }
}

/** Joins one after the other, and resolves when data flows. The one that joins later dials. */
export async function connect(pair: Pair): Promise<void> {
  const order = pair.isTroubledFirst ? [pair.troubled, pair.steady] : [pair.steady, pair.troubled]
  const sinceMs = nowMs()
  for (const peer of order) await peer.join({ flushMs: FLUSH_LIMIT_MS })
  const seconds = await secondsUntilData(pair, sinceMs, FLUSH_LIMIT_MS * 2 + FIRST_CONNECTION_LIMIT_MS)
  if (seconds === Number.POSITIVE_INFINITY) throw new Error('The two peers never connected in the first place.')
}

/** From a moment until data flows in both directions, in seconds. Infinity if it does not within the limit. */
export async function secondsUntilData(pair: Pair, sinceMs: number, limitMs: number): Promise<number> {
  const heard = await Promise.all([pair.steady, pair.troubled].map((peer) => peer.heard({ sinceMs, limitMs })))
  return Math.max(...heard.map((at) => (at === null ? Number.POSITIVE_INFINITY : at - sinceMs))) / 1000
}
