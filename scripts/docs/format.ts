import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './root.ts'

/** Formats a page as `npm run format` does, so that generated pages pass `npm run lint`. */
export function format(path: string, text: string): string {
  const biome = join(ROOT, 'node_modules/.bin/biome')
  const run = spawnSync(biome, ['format', `--stdin-file-path=${path}`], { cwd: ROOT, input: text, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`biome cannot format ${path}: ${run.stderr}`)
  return run.stdout
}
