/** Everything in the docs that is generated: whole pages, and parts of pages. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pagePaths } from './pages.ts'
import { commandLine } from './reference/command-line.ts'
import { manual } from './reference/manual.ts'
import { OUTLINES } from './reference/outlines.ts'
import { render } from './reference/render.ts'
import { fill } from './regions.ts'
import { ROOT, readText } from './root.ts'

/** The correct texts, by path, of generated pages and of pages with generated parts. */
export function generate(): Map<string, string> {
  const made = new Map(OUTLINES.map((outline) => [outline.path, render(outline)]))
  made.set('docs/reference/cli.md', commandLine())
  for (const path of pagePaths()) {
    if (made.has(path)) continue
    const text = readText(path)
    const filled = fill(path, text)
    if (hasMadeParts(text)) made.set(path, filled)
  }
  const pages = [...made].map(([path, text]): [string, string] => [path, format(path, `${text.trimEnd()}\n`)])
  return new Map([...pages, ['packages/cli/man/swarmway.1', `${manual()}\n`]])
}

function hasMadeParts(text: string): boolean {
  return /<!-- (made|file|browser; file): /.test(text)
}

/** Formats a page as `npm run format` does, so that generated pages pass `npm run lint`. */
function format(path: string, text: string): string {
  const biome = join(ROOT, 'node_modules/.bin/biome')
  const run = spawnSync(biome, ['format', `--stdin-file-path=${path}`], { cwd: ROOT, input: text, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`biome cannot format ${path}: ${run.stderr}`)
  return run.stdout
}
