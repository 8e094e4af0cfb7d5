/** What attacks cost an honest client, from `npm run test:hostile`. */
import { readText } from '../root.ts'
import { table } from './sizing.ts'

interface Run {
  readonly environment: string
  readonly attacks: readonly { attack: string; aloneMs: number; underAttackMs: number; ratio: number }[]
}

export function hostile(): string {
  const { attacks, environment } = JSON.parse(readText('bench/results/hostile.json')) as Run
  const rows = attacks.map(({ attack, aloneMs, ratio, underAttackMs }) => [
    attack,
    `${aloneMs} ms`,
    `${underAttackMs} ms`,
    String(ratio)
  ])
  return [table(['attack', 'alone', 'under attack', 'ratio'], rows), '', `${environment}.`].join('\n')
}
