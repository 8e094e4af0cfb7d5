import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

/** A busy loop ends after this time, even if the process that started it was killed. */
const MOST_MS = 30 * 60_000

const LOOP = `
  const end = performance.now() + ${MOST_MS}
  while (performance.now() < end) {
    try { process.kill(${process.pid}, 0) } catch { break }
  }
`

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

/** Keeps this many cores busy. Returns a function that stops; the load also stops when this process ends. */
function startLoad(count) {
  const loops = Array.from({ length: count }, () => spawn(process.execPath, ['--eval', LOOP], { stdio: 'ignore' }))
  const stop = () => {
    for (const loop of loops) loop.kill('SIGKILL')
    process.off('exit', stop)
  }
  process.on('exit', stop)
  return stop
}
