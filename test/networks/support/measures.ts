/** What a test measured, on its way to the table, which the reporter of the tier makes in another process. */
import { expect, type TestContext } from 'vitest'
import type { Measure } from '../../../bench/lib/benchmark.ts'
import { figure } from '../../../bench/lib/report.ts'

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

/** Fails if a sample of Swarmway is above the limit, proxied or not. What hyperswarm does is only reported. */
export function expectAtMost(samples: SystemSamples, limit: number): void {
  for (const system of ['swarmway', 'proxied'])
    expect(Math.max(0, ...(samples[system] ?? [])), system).toBeLessThan(limit)
}
