/** Looks this often at every turn of the event loop, for what holds only for a moment; then now and then. */
const LOOKS_AT_TURNS = 200
const POLL_MS = 5
/** Half a second, after the looks at each turn. */
const STILL_LOOKS = LOOKS_AT_TURNS + 100
/** Nothing takes this long, except on a machine that is busy with other things. */
const TIMEOUT_MS = 120_000

/** Resolves when `condition` holds. Rejects with its name, or else its source, if that takes too long. */
export function until(condition: () => boolean): Promise<void>
export function until(what: string, condition: () => boolean, timeoutMs?: number): Promise<void>
export async function until(
  what: string | (() => boolean),
  condition = what as () => boolean,
  timeoutMs = TIMEOUT_MS
): Promise<void> {
  if (!(await reaches(condition, timeoutMs))) throw new Error(`waited ${timeoutMs} ms for: ${what}`)
}

/** Whether `condition` comes to hold within `timeoutMs`. */
export async function reaches(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  for (let looks = 0; !condition(); looks++) {
    if (performance.now() > deadline) return false
    await (looks < LOOKS_AT_TURNS ? turn() : pause(POLL_MS))
  }
  return true
}

/** Resolves when a number has stopped changing. */
export async function standstill(number: () => number): Promise<void> {
  let [last, unchanged] = [-1, 0]
  await until('nothing to change any more', () => {
    unchanged = number() === last ? unchanged + 1 : 0
    last = number()
    return unchanged > STILL_LOOKS
  })
}

/** One turn of the event loop. Pages have no `setImmediate`. */
export function turn(): Promise<void> {
  return 'setImmediate' in globalThis ? new Promise((resolve) => setImmediate(resolve)) : pause(0)
}

/** A few turns, for what must not happen. */
export async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

/** Waits a while, to check that something does not happen. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
