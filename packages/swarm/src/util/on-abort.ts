import type { AbortSignalLike } from './abort-signal.js'

/** Callbacks that wait for a signal. They share one listener: Node warns if a signal has more than ten. */
const waiting = new WeakMap<AbortSignalLike, Set<() => void>>()

/** Calls `run` when `signal` aborts; the returned function undoes it. Does nothing without a signal. */
export function onAbort(signal: AbortSignalLike | undefined, run: () => void): () => void {
  if (signal === undefined) return ignore
  const runs = waiting.get(signal) ?? listen(signal)
  runs.add(run)
  return () => {
    runs.delete(run)
  }
}

function listen(signal: AbortSignalLike): Set<() => void> {
  const runs = new Set<() => void>()
  waiting.set(signal, runs)
  signal.addEventListener(
    'abort',
    () => {
      for (const run of [...runs]) run()
      runs.clear()
    },
    { once: true }
  )
  return runs
}

function ignore(): void {}
