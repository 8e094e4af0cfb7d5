// Brings dist/ of all packages up to date. Compiles only what has changed, so that it can run before every test run.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeCommonJs } from './build/commonjs.mjs'
import { writeNodeBundles } from './build/node-bundle.mjs'
import { writePage } from './build/page.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

// tsc compares the sources with its build info beside dist/, and does not check whether dist/ exists.
const isThere = readdirSync(join(root, 'packages')).every((name) => existsSync(join(root, 'packages', name, 'dist')))
const args = [tsc, '-b', 'tsconfig.build.json', ...(isThere ? [] : ['--force'])]
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
if (status === 0) {
  await writeCommonJs()
  await writeNodeBundles()
  await writePage()
}
process.exit(status ?? 1)
