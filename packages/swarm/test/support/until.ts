const POLL_MS = 5
/** Nothing takes this long, except on a machine that is busy with other things. */
const TIMEOUT_MS = 60_000

/** Resolves when `condition` holds. Rejects with the name of the condition if that takes too long. */
export async function until(what: string, condition: () => boolean, timeoutMs = TIMEOUT_MS): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for: ${what}`)
    await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS))
  }
}
