/** Prints what a benchmark found, and writes it to bench/results. */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Benchmark, Outcome, SummarizedMeasure } from './benchmark.ts'
import type { Environment } from './environment.ts'
import { type Summary, summarize } from './stats.ts'

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url))

/** What a table of results is called. */
type Titled = Pick<Benchmark, 'name' | 'title'>

/** The outcome as Markdown. */
export function toMarkdown(benchmark: Titled, outcome: Outcome, environment: Environment): string {
  const { cpu, commit, date, memoryGb, node, packages, platform } = environment
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return [
    `# ${benchmark.title}`,
    '',
    ...table(outcome.measures.map(sumUp)),
    '',
    ...outcome.targets.map(
      ({ found, isReached, text }) => `- ${isReached ? 'Reached' : 'NOT reached'}: ${text}. Found: ${found}.`
    ),
    ...(outcome.targets.length > 0 ? [''] : []),
    ...outcome.notes.map((note) => `- ${note}`),
    '',
    `Median (smallest to largest) of the rounds. ${date}, commit ${commit}, Node ${node}, ${versions.join(', ')},`,
    `${platform}, ${cpu}, ${memoryGb} GB.`,
    ''
  ].join('\n')
}

/** Writes `results/<name>.md` and `.json`. */
export async function write(benchmark: Titled, outcome: Outcome, environment: Environment): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  const { name, title } = benchmark
  const { measures, notes, targets } = outcome
  const json = { name, title, environment, measures: measures.map(sumUp), targets, notes }
  await writeFile(`${RESULTS}${name}.md`, toMarkdown(benchmark, outcome, environment))
  await writeFile(`${RESULTS}${name}.json`, `${JSON.stringify(json, null, 2)}\n`)
}

function sumUp({ name, samples, unit }: Outcome['measures'][number]): SummarizedMeasure {
  const systems = Object.entries(samples).map(([system, values]) => [system, { ...summarize(values), samples: values }])
  return { name, unit, systems: Object.fromEntries(systems) }
}

function table(measures: SummarizedMeasure[]): string[] {
  const systems = [...new Set(measures.flatMap((measure) => Object.keys(measure.systems)))]
  const rows = measures.map(({ name, systems: by, unit }) => [
    unit === '' ? name : `${name}, ${unit}`,
    ...systems.map((system) => cell(by[system]))
  ])
  return [['', ...systems], ['---', ...systems.map(() => '---:')], ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

function cell(summary: Summary | undefined): string {
  if (summary === undefined) return ''
  const { max, median, min, rounds } = summary
  if (rounds === 1) return `${figure(median)} (one round)`
  return min === max ? figure(median) : `${figure(median)} (${figure(min)} to ${figure(max)})`
}

/** Three significant digits, more for whole numbers. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return 'never'
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
