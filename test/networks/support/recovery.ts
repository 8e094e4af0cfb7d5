/** Measures how long two peers need to talk again after something happened to one of them, side by side. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type TestContext, test } from 'vitest'
import type { NetworkSystem } from '../agents/swarms.ts'
import { DhtNetwork } from '../lab/dht.ts'
import { type HomeKind, type Lab, withLab } from '../lab/lab.ts'
import { nowMs } from '../lab/now.ts'
import { expectAtMost, record, type SystemSamples } from './measures.ts'
import { connect, makePair, type Pair, type PairParams, secondsUntilData } from './pair.ts'
import { startProxy } from './proxy.ts'
import { ROUNDS, systemsOf } from './settings.ts'

/** After this, a pair is said never to recover. */
const LIMIT_MS = 60_000
/** What may be too slow on a busy machine, and is yet a sign that nothing is stuck. The table has the figures. */
const CEILING_S = 45
/** Pairs start one after the other, so that they do not compete for the processor. */
const STAGGER_MS = 1500
/** A connection is not cut in its first moments. */
const SETTLE_MS = 3000
const TEST_LIMIT_MS = 300_000

/** Something that happens to a pair. */
export interface Trouble {
  readonly name: string
  readonly systems?: readonly NetworkSystem[]
  readonly home?: HomeKind
  /** Whether they are to be connected before. Default: true. */
  readonly isConnectedBefore?: boolean
  /** How long it lasts, for the time limit of the test. */
  readonly durationMs?: number
  /** Does it, and resolves to the moment from which data could flow again. */
  happen(pair: Pair): Promise<number>
}

/** A test that measures all pairs of all systems at the same time, in one lab. */
export function recoveryTest(trouble: Trouble): void {
  const timeout = TEST_LIMIT_MS + (trouble.durationMs ?? 0)
  test(trouble.name, { timeout }, (context) => withLab((lab) => compare(context, lab, trouble)))
}

async function compare(context: TestContext, lab: Lab, trouble: Trouble): Promise<void> {
  const systems = systemsOf(...(trouble.systems ?? ['swarmway', 'hyperswarm']))
  const { bootstrap } = await DhtNetwork.start(lab)
  const url = systems.includes('proxied') ? await startProxy(lab, bootstrap) : undefined
  const samples: SystemSamples = Object.fromEntries(systems.map((system) => [system, []]))
  const runs = Array.from({ length: ROUNDS }, () => systems).flat()
  const measured = runs.map(async (system, index) => {
    await sleep(index * STAGGER_MS)
    samples[system]?.push(await measure(lab, `pair${index}`, { system, bootstrap, url }, trouble))
  })
  await Promise.all(measured)
  record(context, trouble.name, 's', samples)
  expectAtMost(samples, CEILING_S)
}

async function measure(lab: Lab, name: string, params: PairParams, trouble: Trouble): Promise<number> {
  const pair = await makePair(lab, name, params, trouble.home ?? 'port-restricted')
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
