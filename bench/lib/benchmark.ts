import type { Summary } from './stats.ts'

/** How thorough a run is. */
export interface RunOptions {
  /** Rounds per system, null for the benchmark's own choice. */
  rounds: number | null
  /** Fewer and smaller rounds, to see that everything works. */
  isQuick: boolean
  /** Says what is going on. */
  log(line: string): void
}

/** One figure, measured for several systems. */
export interface Measure {
  name: string
  unit: string
  /** Samples by system; a round that did not get there is Infinity. */
  samples: Record<string, number[]>
}

/** One of the project's goals, and whether it was reached. */
export interface Target {
  text: string
  isReached: boolean
  /** What it was found to be. */
  found: string
}

/** What a benchmark hands back. */
export interface Outcome {
  measures: Measure[]
  targets: Target[]
  /** What a reader has to know: sizes, what was left out and why. */
  notes: string[]
}

export interface Benchmark {
  readonly name: string
  readonly title: string
  run(options: RunOptions): Promise<Outcome>
}

/** A measure with its samples summed up. */
export type SummarizedMeasure = Omit<Measure, 'samples'> & { systems: Record<string, Summary & { samples: number[] }> }
