/** How long peers need after an outage, from `npm run test:networks`. */
import { figure } from '../../../bench/lib/report.ts'
import { readText } from '../root.ts'
import { circumstances } from './results.ts'
import { table } from './sizing.ts'

/** JSON has no Infinity: null is "never". */
interface Samples {
  readonly min: number | null
  readonly median: number | null
  readonly max: number | null
}

interface Run {
  readonly measures: readonly { name: string; unit: string; systems: Readonly<Record<string, Samples>> }[]
}

const SYSTEMS = ['swarmway', 'proxied', 'hyperswarm'] as const

/** The rows in seconds: those of pairs that something happened to. */
export function networks(): string {
  const { measures } = JSON.parse(readText('bench/results/networks.json')) as Run
  const rows = measures
    .filter(({ unit }) => unit === 's')
    .map(({ name, systems }) => [name, ...SYSTEMS.map((system) => cell(systems[system]))])
  const heads = ['what happens', 'Swarmway', 'through a proxy', 'hyperswarm']
  const note = `Median and worst time until data flows again in both directions. ${circumstances('networks')}.`
  return [table(heads, rows), '', note].join('\n')
}

function cell(samples: Samples | undefined): string {
  if (samples === undefined) return ''
  const [best, median, worst] = [seconds(samples.min), seconds(samples.median), seconds(samples.max)]
  if (best === worst) return median
  // The median of two rounds is "never" as soon as one of them is; the better one must not be lost.
  return median === 'never' ? `${best} to never` : `${median}, worst ${worst}`
}

function seconds(value: number | null): string {
  return value === null ? 'never' : `${figure(value)} s`
}
