/** What works on which swarm, from `npm run test:compatibility`. */
import { readText } from '../root.ts'
import { table } from './sizing.ts'

const COLUMNS = ['hyperswarm', 'Swarm', 'ProxyClient'] as const

interface Cell {
  readonly passed: number
  readonly total: number
}

interface Run {
  readonly date: string
  readonly node: string
  readonly control: string
  readonly rows: readonly {
    readonly name: string
    readonly version: string
    readonly what: string
    readonly hasTests: boolean
    readonly cells: Readonly<Partial<Record<(typeof COLUMNS)[number], { program: Cell; tests: Cell | null }>>>
  }[]
}

export function compatibility(): string {
  const { control, date, node, rows } = JSON.parse(readText('bench/results/compatibility.json')) as Run
  const lines = rows.flatMap(({ cells, hasTests, name, version, what }) => [
    [`${name} ${version}`, what, ...COLUMNS.map((column) => shown(cells[column]?.program))],
    ...(hasTests ? [['', 'its own tests', ...COLUMNS.map((column) => shown(cells[column]?.tests))]] : [])
  ])
  return [table(['package', 'what runs', ...COLUMNS], lines), '', `${control}, Node ${node.slice(1)}, ${date}.`].join(
    '\n'
  )
}

function shown(cell: Cell | null | undefined): string {
  if (cell == null) return 'not run'
  return `${cell.passed} of ${cell.total}`
}
