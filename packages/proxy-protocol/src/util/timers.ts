/** What this package uses from the platform; declared here because neither DOM nor Node types can be assumed. */
interface Platform {
  setImmediate?(callback: () => void): unknown
  queueMicrotask(callback: () => void): void
}

const platform = globalThis as unknown as Platform

/** Calls back once the running code has returned, before anything else happens. */
export function soon(callback: () => void): void {
  platform.queueMicrotask(callback)
}

/**
 * Calls back at the end of this turn of the event loop. In Node that is after all I/O callbacks of the turn, so
 * packets that arrive in separate callbacks still end up in one frame; a microtask would run between them.
 */
export function defer(callback: () => void): void {
  if (platform.setImmediate !== undefined) platform.setImmediate(callback)
  else platform.queueMicrotask(callback)
}
