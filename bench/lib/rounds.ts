import type { RunOptions } from './benchmark.ts'

/** The figures of one round, by name of the measure. */
export type Figures = Record<string, number>

/** Samples by measure, then by system. */
export type Samples = Record<string, Record<string, number[]>>

/**
 * Runs `round` for all systems in turn, and backwards every other time, so that whatever drifts on the machine
 * meets all of them alike.
 */
export async function alternate<System extends string>(
  systems: readonly System[],
  rounds: number,
  options: RunOptions,
  round: (system: System) => Promise<Figures>
): Promise<Samples> {
  const samples: Samples = {}
  for (let index = 0; index < rounds; index++) {
    const order = index % 2 === 0 ? systems : [...systems].reverse()
    for (const system of order) {
      const figures = await round(system)
      options.log(`round ${index + 1} of ${rounds}, ${system}: ${describe(figures)}`)
      record(samples, system, figures)
    }
  }
  return samples
}

function record(samples: Samples, system: string, figures: Figures): void {
  for (const [name, value] of Object.entries(figures)) {
    const bySystem = samples[name] ?? {}
    samples[name] = bySystem
    bySystem[system] = [...(bySystem[system] ?? []), value]
  }
}

function describe(figures: Figures): string {
  const parts = Object.entries(figures).map(([name, value]) => `${name} ${round3(value)}`)
  return parts.join(', ')
}

function round3(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : 'never'
}
