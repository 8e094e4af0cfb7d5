/** All figures in the docs come from bench/results. */
import { readText } from '../root.ts'

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

/** Where and when a benchmark was run: "Node v20, 2 x AMD EPYC, 2026-11-21". */
export function circumstances(benchmark: string): string {
  const { cpu, date, node } = read(benchmark).environment
  return `${cpu}, Node ${node.replace('v', '')}, ${date}`
}

function read(benchmark: string): Results {
  return JSON.parse(readText(`bench/results/${benchmark}.json`)) as Results
}
