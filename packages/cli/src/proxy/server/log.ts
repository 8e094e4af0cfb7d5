import { type DestinationStream, type Logger, pino } from 'pino'
import { cleanText } from '../../shared/clean-text.js'
import type { ProxySettings } from '../config/settings.js'

export type { Logger } from 'pino'

/**
 * JSON lines on standard output, where service managers and containers expect them; messages for people go to
 * standard error. The host name is left out, as it is an address too.
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
  // Synchronous: otherwise the last lines before exit would be out of order or missing.
  return pino(options, cleaned(destination ?? pino.destination({ dest: 1, sync: true })))
}

/** Characters that JSON does not escape although terminals obey them, such as the C1 controls. */
function cleaned(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${cleanText(line)}\n`) }
}
