/**
 * Throws `error` where nobody can catch it: the process, or the page, gets it as an uncaught exception, and the code that
 * calls this goes on.
 */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

/** Calls a function that the application gave. If it throws, its error is uncaught, and the result is `otherwise`'s. */
export function callApplication<T>(run: () => T, otherwise: () => T): T {
  try {
    return run()
  } catch (error) {
    throwLater(error)
    return otherwise()
  }
}
