/** What attacks cost an honest client, from `npm run test:hostile`. */
import { readText } from '../root.ts'
import { table } from './sizing.ts'

interface Row {
  readonly attack: string
  readonly aloneMs: number
  /** At a server that is not attacked, on the same machine at the same time. */
  readonly besideMs: number
  readonly underAttackMs: number
  readonly ratio: number
}

interface Run {
  readonly environment: string
  readonly attacks: readonly Row[]
}

export function hostile(): string {
  const { attacks, environment } = JSON.parse(readText('bench/results/hostile.json')) as Run
  const rows = attacks.map(({ attack, aloneMs, besideMs, ratio, underAttackMs }) => [
    attack,
    `${aloneMs} ms`,
    `${besideMs} ms`,
    `${underAttackMs} ms`,
    String(ratio)
  ])
  return [table(['attack', 'alone', 'beside', 'under attack', 'ratio'], rows), '', `${environment}.`].join('\n')
}
