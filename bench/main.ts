/** Benchmarks of Swarmway beside hyperswarm: `pnpm bench [names...] [--rounds N] [--quick]`. */
import { parseArgs } from 'node:util'
import { announce } from './benchmarks/announce.ts'
import { browserCrypto } from './benchmarks/browser-crypto.ts'
import { browserPath } from './benchmarks/browser-path.ts'
import { dial } from './benchmarks/dial.ts'
import { directFar } from './benchmarks/direct-far.ts'
import { directPaths } from './benchmarks/direct-paths.ts'
import { fleet } from './benchmarks/fleet.ts'
import { importTime } from './benchmarks/import-time.ts'
import { memory } from './benchmarks/memory.ts'
import { mesh } from './benchmarks/mesh.ts'
import { proxyCrowd } from './benchmarks/proxy-crowd.ts'
import { proxyLatency } from './benchmarks/proxy-latency.ts'
import { proxyMemory } from './benchmarks/proxy-memory.ts'
import { proxyRestart } from './benchmarks/proxy-restart.ts'
import { proxyScale } from './benchmarks/proxy-scale.ts'
import { proxySplice } from './benchmarks/proxy-splice.ts'
import { proxyThroughput } from './benchmarks/proxy-throughput.ts'
import { simulation } from './benchmarks/simulation.ts'
import { transfer } from './benchmarks/transfer.ts'
import type { Benchmark, RunOptions } from './lib/benchmark.ts'
import { environment } from './lib/environment.ts'
import { toMarkdown, write } from './lib/report.ts'

const BENCHMARKS: readonly Benchmark[] = [
  mesh,
  announce,
  dial,
  memory,
  importTime,
  transfer,
  proxyThroughput,
  proxyLatency,
  proxyCrowd,
  proxyMemory,
  proxyScale,
  proxyRestart,
  proxySplice,
  fleet,
  browserCrypto,
  browserPath,
  directPaths,
  directFar,
  simulation
]
const NAMES = BENCHMARKS.map(({ name }) => name).join(', ')
const USAGE = `Usage: pnpm bench [names...] [--rounds N] [--quick]
  names     which benchmarks to run, all if none is given: ${NAMES}
  --rounds  how often each system is measured; the results name the median and the extremes
  --quick   small and fast, to see that everything works; writes no results`

/** What the command line asks for. */
interface Arguments {
  benchmarks: readonly Benchmark[]
  rounds: number | null
  isQuick: boolean
}

process.exitCode = await main()

async function main(): Promise<number> {
  let wanted: Arguments | null
  try {
    wanted = parse()
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
  if (wanted === null) console.log(USAGE)
  for (const benchmark of wanted?.benchmarks ?? []) await runOne(benchmark, wanted as Arguments)
  return 0
}

/** Null when help is asked for. Throws a sentence for the user. */
function parse(): Arguments | null {
  const options = { rounds: { type: 'string' }, quick: { type: 'boolean' }, help: { type: 'boolean' } } as const
  const { positionals, values } = parseArgs({ options, allowPositionals: true })
  if (values.help) return null
  const rounds = values.rounds === undefined ? null : Number(values.rounds)
  if (rounds !== null && !(Number.isInteger(rounds) && rounds >= 1))
    throw new Error('--rounds takes a whole number, 1 or more.')
  const benchmarks = positionals.length === 0 ? BENCHMARKS : positionals.map(benchmarkNamed)
  return { benchmarks, rounds, isQuick: values.quick === true }
}

function benchmarkNamed(name: string): Benchmark {
  const benchmark = BENCHMARKS.find((candidate) => candidate.name === name)
  if (benchmark === undefined) throw new Error(`There is no benchmark "${name}"; there are ${NAMES}.`)
  return benchmark
}

async function runOne(benchmark: Benchmark, { isQuick, rounds }: Arguments): Promise<void> {
  console.log(`\n${benchmark.name}: ${benchmark.title}`)
  const options: RunOptions = { isQuick, rounds, log: (line) => console.log(`  ${line}`) }
  const outcome = await benchmark.run(options)
  const where = environment()
  console.log(`\n${toMarkdown(benchmark, outcome, where)}`)
  if (isQuick) console.log('Not written to bench/results: this was a quick run.')
  else await write(benchmark, outcome, where)
}
