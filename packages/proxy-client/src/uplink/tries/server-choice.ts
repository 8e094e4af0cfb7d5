import { type Clock, type MonotonicMs, monotonicMs } from '@swarmway/runtime'
import type { Connect, ServerOrder } from '../../options.js'
import { inRandomOrder } from './free-room.js'

/** A server that is alive answers within this time, or within three times what it took before. */
const MIN_PATIENCE_MS = 2000

/** What {@link ServerChoice} needs of an uplink's settings. */
export interface ChoiceSettings {
  readonly connects: readonly Connect[]
  readonly serverOrder: ServerOrder
  readonly clock: Clock
  readonly random: () => number
}

/** How a try at a server failed. */
export interface Failure {
  /** The server refused for good: it is left out until `reconnect`. */
  readonly isFinal: boolean
  /** Its code. Default: the link had been good. */
  readonly code?: string
  /** For so long the server must not be tried again, if that is longer than the usual pause. Default: 0. */
  readonly waitMs?: number
  /** The server is there, but has no time for us at the moment. Default: false. */
  readonly isBusy?: boolean
}

interface ServerState {
  readonly connect: Connect
  /** How long opening and greeting took the last time. */
  tookMs: number
  /** In a row. */
  failures: number
  lastCode: string | null
  notBeforeMs: MonotonicMs
  /** When it is tried again, before any other, while it holds the session; null if the others have their turns. */
  awaitedMs: MonotonicMs | null
  isRefused: boolean
}

/** The server to try next, and how long it wants us to wait. */
export interface Choice {
  readonly connect: Connect
  readonly waitMs: number
  /** Milliseconds of the pause that `awaitHolder` was given and that are left; null if there is none. */
  readonly pauseMs: number | null
}

/**
 * Chooses which server to try next. The one that holds the session comes first, and then every other time; the others
 * in order, those that have failed less often first.
 */
export class ServerChoice {
  readonly #clock: Clock
  readonly #given: readonly Connect[]
  readonly #isShuffled: boolean
  readonly #random: () => number
  #states: readonly ServerState[]
  #lastTried: Connect | null = null

  constructor({ clock, connects, random, serverOrder }: ChoiceSettings) {
    this.#clock = clock
    // Given twice, a server that has refused for good would still be tried.
    this.#given = [...new Set(connects)]
    this.#isShuffled = serverOrder === 'shuffle'
    this.#random = random
    const ordered = this.#isShuffled ? shuffled(this.#given, random) : this.#given
    this.#states = ordered.map(newState)
  }

  /** Further servers, which come after the application's, in this order; replaces those of the last call. */
  learn(learned: readonly Connect[]): void {
    const own = this.#states.filter(({ connect }) => this.#given.includes(connect))
    this.#states = [...own, ...learned.map((connect) => this.#stateOf(connect) ?? newState(connect))]
  }

  /**
   * Shuffles the application's servers after the one that holds the session once more, so that those with much room are
   * early; those before it stay, and are returned to. Leaves an order that the application wants alone.
   */
  weigh(holder: Connect | null, roomOf: (connect: Connect) => number): void {
    const own = this.#states.filter(({ connect }) => this.#given.includes(connect))
    const place = own.findIndex(({ connect }) => connect === holder)
    if (!this.#isShuffled || place === -1) return
    const others = inRandomOrder(own.splice(place + 1), ({ connect }) => roomOf(connect), this.#random)
    this.#states = [...own, ...others, ...this.#states.filter(({ connect }) => !this.#given.includes(connect))]
  }

  /** How many can be tried. */
  get count(): number {
    return this.#open.length
  }

  /** Puts these servers first, in this order. */
  rank(nearest: readonly Connect[]): void {
    const place = ({ connect }: ServerState) => {
      const index = nearest.indexOf(connect)
      return index === -1 ? nearest.length : index
    }
    this.#states = [...this.#states].sort((a, b) => place(a) - place(b))
  }

  /** The servers that come before this one, the best first. */
  betterThan(connect: Connect): Connect[] {
    const index = this.#states.findIndex((state) => state.connect === connect)
    const better = this.#states.slice(0, Math.max(0, index))
    return better.map((state) => state.connect).filter((candidate) => this.mayTry(candidate))
  }

  /** Whether the server may be tried now: it has neither refused for good nor asked for more time. */
  mayTry(connect: Connect): boolean {
    const state = this.#stateOf(connect)
    return state !== undefined && !state.isRefused && this.#waitMs(state) === 0
  }

  /** How the last try at the server failed; null if it did not. */
  lastCode(connect: Connect): string | null {
    return this.#stateOf(connect)?.lastCode ?? null
  }

  /** What to try next; null if all have refused. `holder` is the server that holds the session, if there is one. */
  next(holder: Connect | null): Choice | null {
    const open = this.#open
    const held = open.find(({ connect }) => connect === holder)
    if (held !== undefined && held.awaitedMs !== null) return this.#choice(held)
    const isTurn = held !== undefined && (this.#lastTried !== holder || open.length === 1)
    if (isTurn && this.#waitMs(held) === 0) return this.#choice(held)
    const [first, ...others] = open.filter((state) => state !== held || open.length === 1)
    if (first === undefined) return null
    return this.#choice(others.reduce((best, state) => (this.#isBetter(state, best) ? state : best), first))
  }

  tried(connect: Connect): void {
    this.#lastTried = connect
  }

  succeeded(connect: Connect, tookMs: number): void {
    const state = this.#stateOf(connect)
    const never = monotonicMs(Number.NEGATIVE_INFINITY)
    if (state !== undefined)
      Object.assign(state, { failures: 0, lastCode: null, notBeforeMs: never, awaitedMs: null, tookMs })
    this.#lastTried = null
  }

  /** Milliseconds to wait for the server that holds the session while another could take its place. */
  patienceMs(holder: Connect): number {
    return Math.max(MIN_PATIENCE_MS, 3 * (this.#stateOf(holder)?.tookMs ?? 0))
  }

  failed(connect: Connect, { code, isFinal, waitMs = 0 }: Failure): void {
    const state = this.#stateOf(connect)
    if (state === undefined) return
    state.failures++
    state.lastCode = code ?? null
    state.isRefused ||= isFinal
    state.notBeforeMs = monotonicMs(this.#clock.now() + waitMs)
    state.awaitedMs = null
  }

  /**
   * The server that holds the session has failed, but will be back: if that is in time, it is what `next` gives until it
   * is tried again. `pauseMs` says how long to wait at least after so many failures in a row, and `leftMs` how long the
   * session lasts. Returns whether there are others, which have to wait.
   */
  awaitHolder(holder: Connect, pauseMs: (failures: number) => number, leftMs: number): boolean {
    const state = this.#open.find(({ connect }) => connect === holder)
    if (state === undefined || this.count < 2) return false
    const waitMs = Math.max(pauseMs(state.failures), this.#waitMs(state))
    if (waitMs + state.tookMs >= leftMs) return false
    state.awaitedMs = monotonicMs(this.#clock.now() + waitMs)
    return true
  }

  /** Forgets how often servers have failed. */
  forgive(): void {
    for (const state of this.#states) state.failures = 0
  }

  /** The application wants all to be tried, whatever they answered. */
  readmit(): void {
    for (const state of this.#states) {
      state.isRefused = false
      state.notBeforeMs = monotonicMs(Number.NEGATIVE_INFINITY)
    }
  }

  get #open(): readonly ServerState[] {
    return this.#states.filter(({ isRefused }) => !isRefused)
  }

  #isBetter(a: ServerState, b: ServerState): boolean {
    const waitsMs = this.#waitMs(a) - this.#waitMs(b)
    return waitsMs === 0 ? a.failures < b.failures : waitsMs < 0
  }

  #choice(state: ServerState): Choice {
    const { awaitedMs, connect } = state
    const pauseMs = awaitedMs === null ? 0 : awaitedMs - this.#clock.now()
    return { connect, waitMs: this.#waitMs(state), pauseMs: pauseMs > 0 ? pauseMs : null }
  }

  #waitMs({ notBeforeMs }: ServerState): number {
    return Math.max(0, notBeforeMs - this.#clock.now())
  }

  #stateOf(connect: Connect): ServerState | undefined {
    return this.#states.find((state) => state.connect === connect)
  }
}

function newState(connect: Connect): ServerState {
  const never = monotonicMs(Number.NEGATIVE_INFINITY)
  return { connect, tookMs: 0, failures: 0, lastCode: null, notBeforeMs: never, awaitedMs: null, isRefused: false }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items]
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.min(i, Math.floor(random() * (i + 1)))
    const [a, b] = [mixed[i], mixed[j]]
    if (a !== undefined && b !== undefined) [mixed[i], mixed[j]] = [b, a]
  }
  return mixed
}
