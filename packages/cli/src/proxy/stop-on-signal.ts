import { EXIT } from '../shared/errors/exit-codes.js'
import type { RunningProxy } from './running-proxy.js'
import type { Logger } from './server/log.js'

/** How long stopping may take after draining: goodbyes, and the end of the DHT node. */
const MARGIN_MS = 3000

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * The first SIGTERM or SIGINT drains, and the process exits with 0 within `drainMs` and three seconds in any case.
 * The second stops it at once.
 */
export function stopOnSignal(starting: Promise<RunningProxy>, drainMs: number, log: Logger): void {
  let isStopping = false
  for (const signal of SIGNALS) process.on(signal, () => onSignal(signal))

  function onSignal(signal: NodeJS.Signals): void {
    if (isStopping) {
      log.warn({ signal }, 'stopped at once')
      process.exit(EXIT.interrupted)
    }
    isStopping = true
    log.info({ signal, drainMs }, 'draining')
    void end()
  }

  async function end(): Promise<void> {
    const late = setTimeout(() => finish('stopped, although not everything was finished in time'), drainMs + MARGIN_MS)
    try {
      await (await starting).stop()
      finish('ended')
    } catch {
      // It could not start, and its caller reports that.
      clearTimeout(late)
    }
  }

  function finish(message: string): void {
    log.info(message)
    process.exit(EXIT.ok)
  }
}
