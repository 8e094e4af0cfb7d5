import { CliError } from '../errors/cli-error.js'
import { EXIT } from '../errors/exit-codes.js'

/** The signals that ask a process to stop, and its exit code then: as shells give it. */
const EXIT_CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const

type StopSignal = keyof typeof EXIT_CODES

const SIGNALS = Object.keys(EXIT_CODES) as StopSignal[]

/** The process was asked to stop by Ctrl-C or a signal. */
class Interrupted extends CliError {
  readonly signal: StopSignal

  constructor(signal: StopSignal, hint?: string) {
    super('Interrupted.', { hint, exitCode: EXIT_CODES[signal] })
    this.signal = signal
  }
}

/**
 * Runs a task that stops early when the process is asked to: its `AbortSignal` fires with {@link Interrupted} as the
 * reason. A second request stops the process at once.
 */
export async function interruptible<T>(task: (controller: AbortController) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const onSignal = (signal: StopSignal) => {
    if (controller.signal.aborted) process.exit(EXIT_CODES[signal])
    controller.abort(new Interrupted(signal))
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

/** Settles like `work`. If the process was asked to stop, the error gets a hint: what is left, and how to go on. */
export async function withStopHint<T>(work: Promise<T>, hint: () => string | undefined): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof Interrupted ? new Interrupted(error.signal, hint()) : error
  }
}

/** For commands that users stop with Ctrl-C: that is not an error, unless it comes before they do their work. */
export async function untilInterrupted(work: Promise<unknown>, isWorking: () => boolean = () => true): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Interrupted && isWorking())) throw error
  }
}
