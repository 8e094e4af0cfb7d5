import { CASES, type RuntimeCase } from '../../../test/runtimes/cases.ts'
import { readText } from '../root.ts'
import { table } from './sizing.ts'

/** What runs where, and what has to be set for it. */
export function runtimes(): string {
  const rows = CASES.map((one) => [
    where(one),
    one.runs,
    one.setting,
    `\`npm run test:runtimes -- test/runtimes/${one.folder}\``
  ])
  return table(['where', 'what runs', 'to set', 'test'], rows)
}

function where({ folder, name, tool }: RuntimeCase): string {
  if (tool === null) return name
  const { dependencies } = JSON.parse(readText(`test/runtimes/${folder}/package.json`)) as {
    dependencies: Record<string, string>
  }
  return `${name} (${tool} ${dependencies[tool]})`
}
