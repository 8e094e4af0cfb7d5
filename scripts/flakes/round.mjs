import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startLoad } from './load.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

/** Runs the tests once under load, and writes the report to `output`. Resolves to the exit code and the time. */
export async function runRound({ config, files, load, output }) {
  const stopLoad = startLoad(load)
  const began = performance.now()
  // The report lacks errors outside of tests. The other reporter writes all errors in full to standard error.
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${output}`]
  const args = [vitest, 'run', '--config', config, ...reporters, ...files]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  const end = () => child.kill()
  process.on('exit', end)
  const code = await new Promise((resolve) => child.once('exit', resolve))
  process.off('exit', end)
  stopLoad()
  return { code, seconds: Math.round((performance.now() - began) / 1000) }
}
