import { EXIT } from '../shared/exit-codes.js'
import type { Logger } from './server/log.js'

/** What there is to stop. */
export interface Stoppable {
  /** Drains and ends. */
  stop(): Promise<void>
  /** Ends at once, whatever is under way. */
  kill(): void
}

/** How long ending may take beyond draining: goodbyes, and the DHT node's own. */
export const MARGIN_MS = 3000

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * The first SIGTERM or SIGINT drains, and the process ends with 0 within `drainMs` and three seconds, come what may.
 * The second ends it at once.
 */
export function stopOnSignal(stoppable: Stoppable, drainMs: number, log: Logger): void {
  let isStopping = false
  for (const signal of SIGNALS) process.on(signal, () => onSignal(signal))

  function onSignal(signal: NodeJS.Signals): void {
    if (isStopping) {
      log.warn({ signal }, 'ended at once')
      stoppable.kill()
      process.exit(EXIT.interrupted)
    }
    isStopping = true
    log.info({ signal, drainMs }, 'draining')
    void end()
  }

  async function end(): Promise<void> {
    const late = setTimeout(() => finish('ended, although not everything was done in time'), drainMs + MARGIN_MS)
    await stoppable.stop()
    clearTimeout(late)
    finish('ended')
  }

  function finish(message: string): void {
    log.info(message)
    stoppable.kill()
    process.exit(EXIT.ok)
  }
}
