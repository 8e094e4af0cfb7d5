/**
 * Throws `error` outside the caller's stack: the process or the page sees an uncaught exception, and the calling code
 * continues.
 */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

/** Calls a function supplied by the application. If it throws, the error is uncaught; `otherwise` gives the result. */
export function callApplication<T>(run: () => T, otherwise: () => T): T {
  try {
    return run()
  } catch (error) {
    throwLater(error)
    return otherwise()
  }
}
