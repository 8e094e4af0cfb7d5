// Brings dist/ of all packages up to date. Compiles only what has changed, so that it can run before every test run.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

// tsc compares the sources with its build info beside dist/, and does not check whether dist/ exists.
const isThere = readdirSync(join(root, 'packages')).every((name) => existsSync(join(root, 'packages', name, 'dist')))
const args = [tsc, '-b', 'tsconfig.build.json', ...(isThere ? [] : ['--force'])]
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
