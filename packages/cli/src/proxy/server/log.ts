import { type DestinationStream, type Logger, pino } from 'pino'
import { cleanText } from '../../shared/clean-text.js'
import type { ProxySettings } from '../config/settings.js'

export type { Logger } from 'pino'

/**
 * JSON lines on standard output, where service managers and containers look for them; sentences for people go to
 * standard error. No host name: it is an address too.
 */
export function createLog(
  { logLevel }: Pick<ProxySettings, 'logLevel'>,
  worker: number | null,
  destination?: DestinationStream
): Logger {
  const options = {
    level: logLevel,
    base: worker === null ? { pid: process.pid } : { pid: process.pid, worker },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) }
  }
  // Synchronous, as the last lines before the end would else come out of order, or not at all.
  return pino(options, cleaned(destination ?? pino.destination({ dest: 1, sync: true })))
}

/** What JSON leaves as it is: it escapes a line's end and ESC, but not, for instance, the C1 controls. */
function cleaned(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${cleanText(line)}\n`) }
}
