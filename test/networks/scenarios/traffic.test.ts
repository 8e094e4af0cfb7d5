/** Bulk transfers over narrow and lossy lines, natively and through a proxy server. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import type { Address } from '../../../bench/lib/modules.ts'
import type { Figures } from '../../../bench/lib/rounds.ts'
import type { Worker } from '../../../bench/lib/worker.ts'
import type { NetworkSystem } from '../agents/swarms.ts'
import type { OnParams, TrafficParams } from '../agents/traffic.ts'
import { DhtNetwork } from '../lab/dht.ts'
import { type Host, type Lab, withLab } from '../lab/lab.ts'
import { nowMs } from '../lab/now.ts'
import { expectAtMost, recordRounds } from '../support/measures.ts'
import { startProxy } from '../support/proxy.ts'
import { includes, ROUNDS } from '../support/settings.ts'
import { TURN_LIMIT_MS, withTurn } from '../support/turns.ts'

const SYSTEMS = ['swarmway', 'proxied', 'hyperswarm'] as const
/** A narrow line at home: 10 Mbit/s, and 50 ms to a peer. The queue of its modem holds as much as 400 ms. */
const NARROW = { delayMs: 20, bitsPerSecond: 10e6, queueBytes: 500e3 }
/** A peer far away on a line that loses packets: 150 ms to everybody else. */
const LOSSY = { delayMs: 70, lossPercent: 1, bitsPerSecond: 80e6, queueBytes: 2e6 }
const NEAR = { delayMs: 5 }
const IDLE_MS = 3000
/** The transfer begins this long before what it is measured by. */
const LEAD_MS = 3000
const LOADED_MS = 8000
const BULK_MS = 10_000
const TEST_LIMIT_MS = 600_000
/** Of a busy machine: far below what a full queue without turns costs. */
const CEILING_MS = 5000

trafficTest('echoes beside a bulk upload, line of 10 Mbit/s, 50 ms', async (lab, system) => {
  const { atHome, near } = await ground(lab, system)
  const home = await lab.home('home', 'port-restricted', NARROW)
  const topics = [randomTopic(), randomTopic()]
  const sink = await near('sink', NEAR, { topics: topics.slice(0, 1) })
  const echo = await near('echo', NEAR, { topics: topics.slice(1), isEcho: true })
  const client = await atHome(home, { topics })
  await client.agent.call('connected', sink.key)
  await client.agent.call('connected', echo.key)
  const idle = await client.agent.call<Times>('echo', { key: echo.key, durationMs: IDLE_MS } satisfies OnParams)
  const before = await sink.agent.call<number>('received')
  const beganMs = nowMs()
  const bulk = client.agent.call('bulk', { key: sink.key, durationMs: LEAD_MS + LOADED_MS } satisfies OnParams)
  await sleep(LEAD_MS)
  const loaded = await client.agent.call<Times>('echo', { key: echo.key, durationMs: LOADED_MS } satisfies OnParams)
  const bytes = (await sink.agent.call<number>('received')) - before
  const seconds = (nowMs() - beganMs) / 1000
  await bulk
  return {
    'idle, ms': quantile(idle, 0.5),
    'beside the transfer, median, ms': quantile(loaded, 0.5),
    'beside the transfer, 99 %, ms': quantile(loaded, 0.99),
    'transfer, Mbit/s': (bytes * 8) / 1e6 / seconds
  }
})

trafficTest('bulk from a peer 150 ms away with 1 % loss, line of 80 Mbit/s', async (lab, system) => {
  const { atHome, near } = await ground(lab, system)
  const topics = [randomTopic()]
  const source = await near('source', LOSSY, { topics })
  const client = await atHome(await lab.host('home', NEAR), { topics })
  await source.agent.call('connected', client.key)
  const beganMs = nowMs()
  await source.agent.call('bulk', { key: client.key, durationMs: BULK_MS } satisfies OnParams)
  const bytes = await client.agent.call<number>('received')
  return { 'transfer, MB/s': bytes / 1e6 / ((nowMs() - beganMs) / 1000) }
})

/** Milliseconds; null for an echo that never came back. */
type Times = (number | null)[]

/** A process with a swarm, and its key in hex. */
interface End {
  readonly agent: Worker
  readonly key: string
}

type Rest = Pick<TrafficParams, 'topics' | 'isEcho'>

/** A DHT and, where it is needed, a proxy server; and how to start the two kinds of peers. */
async function ground(lab: Lab, system: NetworkSystem) {
  const { bootstrap } = await DhtNetwork.start(lab)
  const url = system === 'proxied' ? (await startProxy(lab, bootstrap)).url : undefined
  const native = system === 'proxied' ? 'swarmway' : system
  return {
    near: async (name: string, link: object, rest: Rest) =>
      startEnd(lab, await lab.host(name, link), bootstrap, { ...rest, system: native }),
    atHome: (host: Host, rest: Rest) => startEnd(lab, host, bootstrap, { ...rest, system, url })
  }
}

async function startEnd(
  lab: Lab,
  host: Host,
  bootstrap: readonly Address[],
  params: Omit<TrafficParams, 'bootstrap'>
): Promise<End> {
  const agent = lab.agent(host, 'traffic')
  return { agent, key: await agent.call<string>('join', { ...params, bootstrap } satisfies TrafficParams) }
}

function randomTopic(): string {
  return randomBytes(32).toString('hex')
}

function quantile(times: Times, part: number): number {
  const sorted = times.map((time) => time ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.POSITIVE_INFINITY
}

function trafficTest(name: string, run: (lab: Lab, system: NetworkSystem) => Promise<Figures>): void {
  test.skipIf(!includes('normal'))(name, { timeout: TEST_LIMIT_MS + TURN_LIMIT_MS }, async (context) => {
    const round = (system: NetworkSystem) => withLab((lab) => run(lab, system))
    const samples = await withTurn('busy', () => recordRounds(context, name, SYSTEMS, round, Math.min(2, ROUNDS)))
    for (const [measure, bySystem] of Object.entries(samples)) {
      if (measure.endsWith('ms')) expectAtMost(bySystem, CEILING_MS)
    }
  })
}
