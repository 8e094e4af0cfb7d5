import { type Clock, deadlineClock } from '@swarmway/runtime'
import { isBase, type Path } from './path.js'

/** Milliseconds between two checks. */
const CHECK_MS = 1100
/** A direct path is silent for three checks before it is given up: within 5 s, the check in progress included. */
const MAX_MISSED = 3
/** The first path, or its replacement, costs the proxy server something, and need not be quick: it is asked every 11 s, and lost after 44. */
const FIRST_PATH_PING_CHECKS = 10
const FIRST_PATH_MAX_MISSED = 40

/** What a watch looks at, and reports. */
export interface PathWatchContext {
  /** All paths. */
  paths(): Iterable<Path>
  /** Nothing comes over a path any more. */
  onSilent(path: Path): void
}

/** Asks silent paths whether they still exist. Runs only while there is more than the first path, or its replacement. */
export class PathWatch {
  readonly #clock: Clock
  readonly #context: PathWatchContext
  #timer: unknown = null

  constructor(clock: Clock, context: PathWatchContext) {
    // While this process stood still, what came waited in the sockets.
    this.#clock = deadlineClock(clock)
    this.#context = context
  }

  start(): void {
    this.#timer ??= this.#clock.setTimeout(() => this.#check(), CHECK_MS)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  #check(): void {
    this.#timer = null
    this.start()
    for (const path of [...this.#context.paths()]) if (path.isConfirmed) this.#look(path)
  }

  #look(path: Path): void {
    const isFirst = isBase(path.id)
    path.missedChecks = path.wasHeard ? 0 : path.missedChecks + 1
    path.wasHeard = false
    if (path.missedChecks >= (isFirst ? FIRST_PATH_MAX_MISSED : MAX_MISSED)) this.#context.onSilent(path)
    else if (path.missedChecks > 0 && (!isFirst || path.missedChecks % FIRST_PATH_PING_CHECKS === 0))
      path.send({ type: 'ping' })
  }
}
