import { type Clock, deadlineClock, unref } from '@swarmway/runtime'
import type { Path } from './path.js'

/** Milliseconds between two checks. */
const CHECK_MS = 10_000
/** Checks in all, a minute: a path that lingers has no place among the connections, and a peer could talk for ever. */
const MAX_CHECKS = 6

/**
 * Lets a path whose connection has ended send what is left, and closes it when nothing came over it for 10 s. If both sides
 * had finished, the peer waits for the last acknowledgement, perhaps behind more than a slow path brings in that time. Then
 * it may take longer, as long as the peer is heard, up to a minute.
 */
export function linger(path: Path, clock: Clock, isDone: boolean): void {
  // While this process stood still, what came waited in the sockets.
  const deadlines = deadlineClock(clock)
  let timer: unknown
  let checks = isDone ? MAX_CHECKS : 1
  const check = () => {
    if (!path.wasHeard || checks-- === 0) return path.transport.destroy(null)
    path.wasHeard = false
    // A peer that leaves its end open must not keep the process alive.
    timer = unref(deadlines.setTimeout(check, CHECK_MS))
  }
  path.wasHeard = true
  path.onClosed = () => deadlines.clearTimeout(timer)
  path.transport.end()
  check()
}
