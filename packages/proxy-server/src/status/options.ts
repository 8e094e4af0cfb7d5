import { badOption } from '@swarmway/runtime'
import { type Clock, systemClock, systemWallClock, type WallClock } from '@swarmway/swarm/core'

/** Options of `statusPage`. */
export interface StatusPageOptions {
  /**
   * The secret that opens the page, at least 16 random characters. Read from the link `?token=...`, the page's login
   * form, or the header `Authorization: Bearer ...`. Default: none, so anyone who reaches the page by an IP address
   * or as localhost may see it. Passing undefined is an error, so that a forgotten environment variable does not open
   * the page.
   */
  token?: string
  /** Path of the page, such as '/status'; paths below it belong to the page as well. Default '/'. */
  path?: string
  /** Milliseconds between two snapshots of the figures, at least 250; default 2000. */
  intervalMs?: number
  /** Milliseconds that the plots reach back; default 600,000. At most 3600 intervals. */
  historyMs?: number
  /**
   * Whether the busiest clients are listed, with address, user agent and traffic; default false. For a source that was
   * passed, the source decides.
   */
  clients?: boolean
  /** Clock for durations; default the platform's. */
  clock?: Clock
  /** Clock for the time of day, which the plots show; default the platform's. */
  wallClock?: WallClock
}

/** Options with all defaults filled in. */
export interface StatusSettings {
  readonly token: string | null
  /** Without a trailing slash: '' for the root. */
  readonly base: string
  readonly intervalMs: number
  readonly historyMs: number
  readonly clock: Clock
  readonly wallClock: WallClock
}

/** Shorter ones can be guessed. */
const MIN_TOKEN_CHARACTERS = 16
const MIN_INTERVAL_MS = 250
const MAX_INTERVALS = 3600
const MAX_MS = 0x7fffffff

/** Fills in defaults. @throws TypeError that names the first bad option */
export function settleStatusPage(options: StatusPageOptions): StatusSettings {
  const {
    clock = systemClock,
    historyMs = 600_000,
    intervalMs = 2000,
    path = '/',
    wallClock = systemWallClock
  } = options
  const token = 'token' in options ? options.token : null
  if (token !== null && (typeof token !== 'string' || token.length < MIN_TOKEN_CHARACTERS))
    throw badOption(`token must be a string of at least ${MIN_TOKEN_CHARACTERS} characters`)
  if (typeof path !== 'string' || !/^\/[\w./-]*$/.test(path))
    throw badOption(`path must begin with a slash and consist of letters, digits, - _ . and /, not ${path}`)
  verifyMs('intervalMs', intervalMs, MIN_INTERVAL_MS, MAX_MS)
  verifyMs('historyMs', historyMs, intervalMs, MAX_INTERVALS * intervalMs)
  return { token, base: path.replace(/\/+$/, ''), intervalMs, historyMs, clock, wallClock }
}

function verifyMs(name: string, value: number, min: number, max: number): void {
  if (typeof value === 'number' && value >= min && value <= max) return
  throw badOption(`${name} must be a number of milliseconds from ${min} to ${max}, not ${String(value)}`)
}
