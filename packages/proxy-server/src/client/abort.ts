import { setMaxListeners } from 'node:events'

/**
 * An abort controller for many listeners: an announcement alone asks for dozens of signatures at once, each of which
 * listens, and Node takes more than ten for a leak.
 */
export function createAbort(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
