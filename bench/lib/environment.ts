import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where and of what figures were taken. */
export interface Environment {
  date: string
  commit: string
  node: string
  platform: string
  cpu: string
  memoryGb: number
  packages: Record<string, string>
}

export function environment(): Environment {
  const [first] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: `${cpus().length} x ${first?.model.trim() ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    packages: Object.fromEntries(['hyperswarm', 'hyperdht'].map((name) => [name, versionOf(name)]))
  }
}

/** The commit that is checked out, with a mark if files differ from it. */
function commit(): string {
  try {
    const cwd = fileURLToPath(new URL('../..', import.meta.url))
    const git = (...args: string[]) => execFileSync('git', args, { cwd, encoding: 'utf8', stdio: 'pipe' }).trim()
    const isChanged = git('status', '--porcelain', '--', 'packages') !== ''
    return git('rev-parse', '--short', 'HEAD') + (isChanged ? ' with changes' : '')
  } catch {
    return 'unknown (no git here)'
  }
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  const manifest = readFileSync(join(dirname(require.resolve(`${name}/package.json`)), 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
