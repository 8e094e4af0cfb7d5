/**
 * The errors that reached the process as uncaught exceptions or unhandled rejections while `run` ran, and in the turns
 * after it. Meanwhile nothing else sees them, including the test runner, which would fail the run.
 */
export async function uncaught(run: () => unknown): Promise<unknown[]> {
  const errors: unknown[] = []
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const runner = events.map((event) => process.rawListeners(event))
  const take = (error: unknown) => errors.push(error)
  for (const event of events) process.removeAllListeners(event).on(event, take)
  try {
    await run()
    for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
  } finally {
    for (const [index, event] of events.entries()) {
      process.removeListener(event, take)
      for (const listener of runner[index] ?? []) process.on(event, listener as () => void)
    }
  }
  return errors
}
