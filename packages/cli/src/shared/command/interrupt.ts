import { CliError } from '../errors/cli-error.js'
import { EXIT } from '../errors/exit-codes.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The process was asked to stop by Ctrl-C or a signal. */
export class Interrupted extends CliError {
  constructor(hint?: string) {
    super('Interrupted.', { hint, exitCode: EXIT.interrupted })
  }
}

/**
 * Runs a task that stops early when the process is asked to: its `AbortSignal` fires with {@link Interrupted} as the
 * reason. A second request stops the process at once.
 */
export async function interruptible<T>(task: (controller: AbortController) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort(new Interrupted())
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  try {
    return await task(controller)
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

/** Rejects with the signal's reason once it fires. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** Settles like `work`, or rejects when the signal fires, whichever comes first. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([work, aborted(signal)])
}

/** For commands that users stop with Ctrl-C: that is not an error. */
export async function untilInterrupted(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
  }
}
