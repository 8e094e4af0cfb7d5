/** What a test measured, on its way to the table, which the reporter of the tier makes in another process. */
import { expect, type TestContext } from 'vitest'
import type { Measure } from '../../../bench/lib/benchmark.ts'
import { figure } from '../../../bench/lib/report.ts'
import { alternate, type Figures, type Samples } from '../../../bench/lib/rounds.ts'
import type { NetworkSystem } from '../agents/swarms.ts'
import { IS_QUICK, ROUNDS } from './settings.ts'

declare module 'vitest' {
  interface TaskMeta {
    measures?: Measure[]
  }
}

/** Samples by system. One that did not get there is Infinity. */
export type SystemSamples = Record<string, number[]>

/** Puts a row into the table. */
export function record({ task }: TestContext, name: string, unit: string, samples: SystemSamples): void {
  task.meta.measures = [...(task.meta.measures ?? []), { name, unit, samples }]
  const parts = Object.entries(samples).map(([system, values]) => `${system} ${values.map(figure).join(', ')}`)
  console.log(`${name}${unit === '' ? '' : `, ${unit}`}: ${parts.join('; ')}`)
}

/** Measures the systems in turn, and puts each figure into a row. A figure is called "what, unit". */
export async function recordRounds(
  context: TestContext,
  name: string,
  systems: readonly NetworkSystem[],
  round: (system: NetworkSystem) => Promise<Figures>,
  rounds = ROUNDS
): Promise<Samples> {
  const options = { rounds, isQuick: IS_QUICK, log: (line: string) => console.log(`${name}: ${line}`) }
  const samples = await alternate(systems, rounds, options, round)
  for (const [measure, bySystem] of Object.entries(samples)) record(context, `${name}: ${measure}`, '', bySystem)
  return samples
}

/** Fails if a sample of Swarmway is above the limit, proxied or not. What hyperswarm does is only reported. */
export function expectAtMost(samples: SystemSamples, limit: number): void {
  for (const system of ['swarmway', 'proxied'])
    expect(Math.max(0, ...(samples[system] ?? [])), system).toBeLessThan(limit)
}
