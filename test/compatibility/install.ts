/** Installs the newest versions of the packages, once a day. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROWS } from './rows.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '')
/** Nothing of the packages is in the repository. */
export const FOLDER = join(ROOT, '.tmp', 'compatibility')
const STAMP = join(FOLDER, 'installed.json')

/** Installs what the rows need, and hyperswarm as the control. */
export default function install(): void {
  const wanted = [...new Set(['hyperswarm', 'hyperdht', ...ROWS.flatMap(({ packages }) => packages)])].sort()
  const stamp = JSON.stringify({ day: new Date().toISOString().slice(0, 10), wanted })
  if (readIfThere(STAMP) === stamp) return
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }\n')
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', '--legacy-peer-deps']
  execFileSync('npm', ['install', ...options, ...wanted], { cwd: FOLDER, stdio: 'inherit' })
  writeFileSync(STAMP, stamp)
}

/** The installed version of a package. */
export function versionOf(name: string): string {
  const manifest = readFileSync(join(FOLDER, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
