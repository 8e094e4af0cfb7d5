/** All figures in the docs come from bench/results. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, readText } from '../root.ts'

interface Results {
  readonly environment: { readonly date: string; readonly node: string; readonly cpu: string }
  readonly measures: readonly {
    readonly name: string
    readonly systems: Readonly<Record<string, { readonly median: number | null }>>
  }[]
}

/** The median of a measure, null for "never". Throws an error if there is no such measure. */
export function median(benchmark: string, measure: string, system = 'swarmway'): number | null {
  const found = read(benchmark).measures.find(({ name }) => name === measure)?.systems[system]
  if (found === undefined) throw new Error(`bench/results/${benchmark}.json has no "${measure}" of ${system}`)
  return found.median
}

/** The median of a measure that must have been reached. */
export function figure(benchmark: string, measure: string, system?: string): number {
  const value = median(benchmark, measure, system)
  if (value === null) throw new Error(`bench/results/${benchmark}.json: "${measure}" was not reached`)
  return value
}

/** Whether the benchmark has results: those that take long are not run for each change. */
export function hasResults(benchmark: string): boolean {
  return existsSync(join(ROOT, `bench/results/${benchmark}.json`))
}

/** The names of a benchmark's measures. */
export function measuresOf(benchmark: string): string[] {
  return read(benchmark).measures.map(({ name }) => name)
}

/** Where and when a benchmark was run: "Node v20, 2 x AMD EPYC, 2026-11-21". */
export function circumstances(benchmark: string): string {
  const { cpu, date, node } = read(benchmark).environment
  return `${cpu}, Node ${node.replace('v', '')}, ${date}`
}

function read(benchmark: string): Results {
  return JSON.parse(readText(`bench/results/${benchmark}.json`)) as Results
}
