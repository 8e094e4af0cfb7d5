/** Measures how long two peers need to talk again after something happened, both systems side by side. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type TestContext, test } from 'vitest'
import type { NetworkSystem } from '../agents/swarms.ts'
import { DhtNetwork } from '../lab/dht.ts'
import { type Lab, withLab } from '../lab/lab.ts'
import { nowMs } from '../lab/now.ts'
import { expectAtMost, record, type SystemSamples } from './measures.ts'
import { connect, makePair, type Pair, type PairParams, secondsUntilData } from './pair.ts'
import { type LabProxy, startProxy } from './proxy.ts'
import { type Extent, includes, ROUNDS, systemsOf } from './settings.ts'
import { TURN_LIMIT_MS, withTurn } from './turns.ts'

/** After this, a pair is said never to recover. */
const LIMIT_MS = 60_000
/** What may be too slow on a busy machine, and is yet a sign that nothing is stuck. The table has the figures. */
const CEILING_S = 45
/** Pairs start one after the other, so that they do not compete for the processor. */
const STAGGER_MS = 1500
/** A connection is not cut in its first moments. */
const SETTLE_MS = 3000
const TEST_LIMIT_MS = 300_000

interface Described {
  readonly name: string
  readonly systems?: readonly NetworkSystem[]
  /** The least run that includes it. Default: normal. */
  readonly extent?: Extent
  /** How long it lasts, for the time limit of the test. */
  readonly durationMs?: number
  /** Whether the test runs beside all others, without a turn: for one that waits for many minutes. */
  readonly isBackground?: boolean
}

/** Something that happens to each pair. */
export interface Trouble extends Described {
  /** Whether the two are to be connected before. Default: true. */
  readonly isConnectedBefore?: boolean
  /** Whether the steady one only dials. Default: false. */
  readonly isSteadyClientOnly?: boolean
  /** Does it, and resolves to the moment from which data could flow again. */
  happen(pair: Pair): Promise<number>
}

/** Something that happens to the DHT, or to the proxy server, which all pairs share. */
export interface SharedTrouble extends Described {
  /** Does it with pairs that have not joined, and resolves to the moment for each pair. */
  happen(ground: Ground, pairs: readonly Pair[]): Promise<number[]>
}

/** What the pairs of a test have in common. */
export interface Ground {
  readonly lab: Lab
  readonly dht: DhtNetwork
  /** Null if no pair has a proxied peer. */
  readonly proxy: LabProxy | null
  /** The systems of all pairs, one entry each. */
  readonly runs: readonly NetworkSystem[]
  readonly params: Omit<PairParams, 'system'>
}

export function recoveryTest(trouble: Trouble): void {
  compare(trouble, ({ lab, params, runs }) =>
    Promise.all(
      runs.map(async (system, index) => {
        await sleep(index * STAGGER_MS)
        const { isSteadyClientOnly } = trouble
        return measure(await makePair(lab, roundOf(index, runs), { ...params, system, isSteadyClientOnly }), trouble)
      })
    )
  )
}

export function sharedRecoveryTest(trouble: SharedTrouble): void {
  compare(trouble, async (ground) => {
    const { lab, params, runs } = ground
    const pairs: Pair[] = []
    for (const [index, system] of runs.entries()) {
      pairs.push(await makePair(lab, roundOf(index, runs), { ...params, system }))
    }
    const since = await trouble.happen(ground, pairs)
    return Promise.all(pairs.map((pair, index) => secondsUntilData(pair, since[index] ?? 0, LIMIT_MS)))
  })
}

/** The runs of a round stand together. */
function roundOf(index: number, runs: readonly NetworkSystem[]): number {
  return Math.floor((index * ROUNDS) / runs.length)
}

/** The figures of `measureAll` belong to the runs, in order. */
function compare(described: Described, measureAll: (ground: Ground) => Promise<number[]>): void {
  const { durationMs = 0, extent = 'normal', isBackground = false, name } = described
  const timeout = TEST_LIMIT_MS + durationMs + TURN_LIMIT_MS
  test.skipIf(!includes(extent))(name, { timeout, concurrent: true }, (context) => {
    const run = () =>
      withLab(async (lab) => {
        const ground = await makeGround(lab, systemsOf(...(described.systems ?? ['swarmway', 'hyperswarm'])))
        report(context, name, ground.runs, await measureAll(ground))
      })
    return isBackground ? run() : withTurn('waiting', run)
  })
}

async function makeGround(lab: Lab, systems: readonly NetworkSystem[]): Promise<Ground> {
  const dht = await DhtNetwork.start(lab)
  const { bootstrap } = dht
  const proxy = systems.includes('proxied') ? await startProxy(lab, bootstrap) : null
  return {
    lab,
    dht,
    proxy,
    params: { bootstrap, url: proxy?.url },
    runs: Array.from({ length: ROUNDS }, () => systems).flat()
  }
}

function report(context: TestContext, name: string, runs: readonly NetworkSystem[], seconds: readonly number[]): void {
  const samples: SystemSamples = {}
  runs.forEach((system, index) => {
    samples[system] = [...(samples[system] ?? []), seconds[index] ?? Number.POSITIVE_INFINITY]
  })
  record(context, name, 's', samples)
  expectAtMost(samples, CEILING_S)
}

async function measure(pair: Pair, trouble: Trouble): Promise<number> {
  if (trouble.isConnectedBefore ?? true) {
    await connect(pair)
    await sleep(SETTLE_MS)
  }
  const sinceMs = await trouble.happen(pair)
  const seconds = await secondsUntilData(pair, sinceMs, LIMIT_MS)
  await Promise.all([pair.steady.end(), pair.troubled.end()])
  return seconds
}

/** The second peer's cable is pulled for a while. */
export async function darkFor(pair: Pair, durationMs: number): Promise<number> {
  await pair.troubled.setDark(true)
  await sleep(durationMs)
  await pair.troubled.setDark(false)
  return nowMs()
}

/** The second peer's process is stopped for a while. */
export async function stoppedFor(pair: Pair, durationMs: number): Promise<number> {
  pair.troubled.setStopped(true)
  await sleep(durationMs)
  pair.troubled.setStopped(false)
  return nowMs()
}
