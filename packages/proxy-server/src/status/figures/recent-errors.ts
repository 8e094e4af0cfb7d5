import { printable } from '@swarmway/runtime'
import { systemWallClock, type WallClock } from '@swarmway/swarm/core'

/** Something that went wrong, perhaps several times. */
export interface RecentError {
  /** A stable code. */
  code: string
  /** What happened, without anything about a client. */
  text: string
  count: number
  /** The first and the last time, in milliseconds since 1970. */
  firstAt: number
  lastAt: number
}

/** Most different errors that are kept; beyond, the oldest is dropped. */
const MAX_ERRORS = 20
const MAX_TEXT_LETTERS = 200

/** The latest things that went wrong, alike ones together: a flood of one kind leaves the others in sight. */
export class RecentErrors {
  readonly #wallClock: WallClock
  /** In the order of their last time. */
  readonly #errors = new Map<string, RecentError>()

  constructor(wallClock: WallClock = systemWallClock) {
    this.#wallClock = wallClock
  }

  /** Takes note of one. */
  add(code: string, text: string): void {
    const shown = printable(text).slice(0, MAX_TEXT_LETTERS)
    const key = `${code} ${shown}`
    const now = this.#wallClock.now()
    const known = this.#errors.get(key) ?? { code, text: shown, count: 0, firstAt: now, lastAt: now }
    this.#errors.delete(key)
    this.#errors.set(key, { ...known, count: known.count + 1, lastAt: now })
    const [oldest] = this.#errors.keys()
    if (this.#errors.size > MAX_ERRORS && oldest !== undefined) this.#errors.delete(oldest)
  }

  /** The latest first. */
  list(): RecentError[] {
    return [...this.#errors.values()].reverse()
  }
}

/** The errors of several processes, alike ones added up, the latest first. */
export function combineErrors(lists: readonly (readonly RecentError[])[]): RecentError[] {
  const sums = new Map<string, RecentError>()
  for (const error of lists.flat()) {
    const key = `${error.code} ${error.text}`
    const sum = sums.get(key)
    sums.set(key, sum === undefined ? error : add(sum, error))
  }
  return [...sums.values()].sort((a, b) => b.lastAt - a.lastAt).slice(0, MAX_ERRORS)
}

function add(a: RecentError, b: RecentError): RecentError {
  const [firstAt, lastAt] = [Math.min(a.firstAt, b.firstAt), Math.max(a.lastAt, b.lastAt)]
  return { ...a, count: a.count + b.count, firstAt, lastAt }
}
