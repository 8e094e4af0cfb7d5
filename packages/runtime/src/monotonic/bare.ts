import hrtime from 'bare-hrtime'

/** Milliseconds of Bare's monotonic clock: it has no global `performance`. */
export function now(): number {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1000 + nanoseconds / 1_000_000
}
