/** Declared here because neither DOM nor Node types may be assumed. */
const platform = globalThis as unknown as { readonly performance: { now(): number } }

/** Milliseconds of the platform's monotonic clock. */
export function now(): number {
  return platform.performance.now()
}
