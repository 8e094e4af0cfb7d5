const POLL_MS = 5
/** Only a machine that is busy with other things takes this long. */
const TIMEOUT_MS = 60_000

/** Resolves when `condition` holds. Rejects, naming what was waited for, if that takes too long. */
export async function until(what: string, condition: () => boolean, timeoutMs = TIMEOUT_MS): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for: ${what}`)
    await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Waits a few turns, to see that something does not happen. */
export async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}
