/**
 * Packages made for hyperswarm, as npm has them today, on hyperswarm (the control), on `Swarm` and on `ProxyClient`.
 * A column of ours must pass whatever the control passes.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { environment } from '../../bench/lib/environment.ts'
import { Network } from '../consumers/support/network.ts'
import { ROOT, versionOf } from './install.ts'
import { ROWS, type Row } from './rows.ts'
import { type Kind, type Outcome, runProgram, runTests } from './run.ts'

/** The kinds of the two sides, by column: among themselves, and with hyperswarm on either side. */
const COLUMNS: Readonly<Record<Kind, readonly (readonly Kind[])[]>> = {
  hyperswarm: [['hyperswarm', 'hyperswarm']],
  Swarm: [
    ['Swarm', 'Swarm'],
    ['Swarm', 'hyperswarm'],
    ['hyperswarm', 'Swarm']
  ],
  ProxyClient: [
    ['ProxyClient', 'ProxyClient'],
    ['ProxyClient', 'hyperswarm'],
    ['hyperswarm', 'ProxyClient']
  ]
}

type Cell = Pick<Outcome, 'passed' | 'total'>
type Cells = Partial<Record<Kind, { program: Cell; tests: Cell | null }>>

const network = Network.use()
const results = new Map<Row, Cells>(ROWS.map((row) => [row, {}]))

afterAll(() => {
  const file = process.env['COMPATIBILITY_RESULTS']
  if (file === undefined) return
  const { date, node } = environment()
  const rows = ROWS.map((row) => ({
    name: row.name,
    version: versionOf(row.name),
    what: row.what,
    hasTests: row.tests !== undefined,
    cells: results.get(row)
  }))
  mkdirSync(dirname(join(ROOT, file)), { recursive: true })
  const control = `hyperswarm ${versionOf('hyperswarm')}, hyperdht ${versionOf('hyperdht')}`
  writeFileSync(join(ROOT, file), `${JSON.stringify({ date, node, control, rows }, null, 2)}\n`)
})

describe.each(ROWS)('$name', (row) => {
  test.each(Object.keys(COLUMNS) as Kind[])('%s', async (kind) => {
    const place = { bootstrap: JSON.parse(network().bootstrap) as object[], proxyUrl: network().proxyUrl }
    const programs = await runAll(COLUMNS[kind].map((kinds) => () => runProgram(row.program, kinds, place)))
    const tests = row.tests === undefined ? null : await runTests(row.tests, [kind], place)
    const cells = results.get(row) ?? {}
    cells[kind] = { program: count(programs), tests: tests && count([tests]) }
    // A package that is broken today is broken on hyperswarm too.
    if (kind === 'hyperswarm' || cells.hyperswarm?.program.passed === 0) return
    const failed = programs.find(({ passed, total }) => passed < total)
    expect(failed?.output ?? '').toBe('')
    // The control needs the internet for some of its own tests.
    expect(tests?.passed ?? 0, tests?.output).toBeGreaterThanOrEqual(cells.hyperswarm?.tests?.passed ?? 0)
  })
})

/** One after the other: each is some processes of its own. */
async function runAll(runs: readonly (() => Promise<Outcome>)[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const run of runs) outcomes.push(await run())
  return outcomes
}

function count(outcomes: readonly Outcome[]): Cell {
  const sum = (pick: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + pick(outcome), 0)
  return { passed: sum(({ passed }) => passed), total: sum(({ total }) => total) }
}
