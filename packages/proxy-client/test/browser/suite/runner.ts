/** Runs the tests that a suite has registered with the stand-in for vitest, one after another. */
import { afterSuite, afterTest, beforeSuite, cases } from './vitest.js'

/** An outcome as it is sent to Node: null for success, otherwise a text that says what went wrong. */
export type Outcome = string | null

/** The calls that a suite in a browser answers. */
export interface Suite {
  /** Names of the tests, and whether they are skipped. */
  list(): { name: string; isSkipped: boolean }[]
  begin(): Promise<Outcome>
  run(name: string): Promise<Outcome>
  end(): Promise<Outcome>
}

export const suite: Suite = {
  list: () => [...cases].map(([name, { isSkipped }]) => ({ name, isSkipped })),
  begin: () => all(beforeSuite),
  run: async (name) => {
    const outcome = await all([() => cases.get(name)?.run() ?? Promise.reject(new Error(`there is no test "${name}"`))])
    const undone = await all(afterTest.splice(0))
    return outcome ?? undone
  },
  end: () => all(afterSuite)
}

/** An unhandled rejection fails the test during which it happened, as in vitest. */
const uncaught: unknown[] = []
declare function addEventListener(
  type: 'unhandledrejection' | 'error',
  listener: (event: { reason?: unknown; error?: unknown }) => void
): void
addEventListener('unhandledrejection', ({ reason }) => uncaught.push(reason))
addEventListener('error', ({ error }) => uncaught.push(error))

async function all(steps: readonly (() => unknown)[]): Promise<Outcome> {
  try {
    for (const step of steps) await step()
  } catch (error) {
    uncaught.unshift(error)
  }
  const [first] = uncaught.splice(0)
  return first === undefined ? null : describeError(first)
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { actual, expected, message, stack } = error as Error & { actual?: unknown; expected?: unknown }
  const compared = actual === undefined && expected === undefined ? '' : `\ngot ${show(actual)}\nfor ${show(expected)}`
  return `${message}${compared}\n${stack ?? ''}`
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
