import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { layOutPublished } from '../../scripts/shared/published.mjs'
import type { Benchmark, Outcome } from '../lib/benchmark.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'

/** Swarmway's import costs at most this many times what hyperswarm's does. */
const MOST_TIMES = 1.2
const MEASURE = 'load'

/** What each process runs. Hyperswarm is CommonJS, which is loaded fastest by `require`. */
const PROGRAMS = {
  'nothing, only Node': '',
  hyperswarm: "require('hyperswarm')",
  swarmway: "import('@swarmway/swarm')",
  'swarmway by require': "require('@swarmway/swarm')",
  'proxy client': "import('@swarmway/proxy-client')",
  'proxy server': "import('@swarmway/proxy-server')",
  'swarmway --version': command('--version'),
  'swarmway send --help': command('send', '--help')
} as const

/** The CPU time until a process has loaded a package: of the packages as they are published, in one process each. */
export const importTime: Benchmark = {
  name: 'import-time',
  title: 'CPU time of a process that loads a package and ends',
  async run(options) {
    const folder = mkdtempSync(join(tmpdir(), 'swarmway-import-time-'))
    try {
      const cwd = layOutPublished(folder)
      const rounds = options.rounds ?? (options.isQuick ? 1 : 15)
      const names = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]
      return toOutcome(
        await alternate(names, rounds, options, async (name) => ({ [MEASURE]: await cpuMs(PROGRAMS[name], cwd) }))
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Loads the command line, as if it had been started with these arguments. */
function command(...args: string[]): string {
  return `process.argv = ['node', 'swarmway', ...${JSON.stringify(args)}]; import('./dist/main.js')`
}

/** User and system time of a whole process, its start included. */
async function cpuMs(program: string, cwd: string): Promise<number> {
  const report =
    "process.on('exit', () => { const { user, system } = process.cpuUsage(); console.error(user + system) })"
  const { stderr } = await promisify(execFile)(process.execPath, ['--eval', `${report}; ${program}`], { cwd })
  return Number(stderr.trim().split('\n').at(-1)) / 1000
}

function toOutcome(samples: Samples): Outcome {
  const bySystem = samples[MEASURE] ?? {}
  const ratio = median(bySystem['swarmway'] ?? []) / median(bySystem['hyperswarm'] ?? [])
  return {
    measures: [{ name: MEASURE, unit: 'ms of CPU', samples: bySystem }],
    targets: [
      {
        text: `at most ${MOST_TIMES} times hyperswarm's CPU time`,
        isReached: ratio <= MOST_TIMES,
        found: `${figure(ratio)} times`
      }
    ],
    notes: [
      'The packages are laid out as npm users get them. Each sample is a process of its own, its start included.',
      'In the repository itself, modules are loaded one by one, which takes longer.'
    ]
  }
}
