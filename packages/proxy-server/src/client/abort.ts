import { setMaxListeners } from 'node:events'

/**
 * Creates an abort controller for many listeners: a single announcement requests dozens of signatures at once, each
 * with its own listener, and Node reports more than ten as a leak.
 */
export function createAbort(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
