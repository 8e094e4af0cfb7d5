import { spawn } from 'node:child_process'

/** A busy loop ends after this time, even if the process that started it was killed. */
const MOST_MS = 30 * 60_000

const LOOP = `
  const end = performance.now() + ${MOST_MS}
  while (performance.now() < end) {
    try { process.kill(${process.pid}, 0) } catch { break }
  }
`

/** Keeps this many cores busy. Returns a function that stops; the load also stops when this process ends. */
export function startLoad(count) {
  const loops = Array.from({ length: count }, () => spawn(process.execPath, ['--eval', LOOP], { stdio: 'ignore' }))
  const stop = () => {
    for (const loop of loops) loop.kill('SIGKILL')
    process.off('exit', stop)
  }
  process.on('exit', stop)
  return stop
}
