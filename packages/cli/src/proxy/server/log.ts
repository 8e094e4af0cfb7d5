import { type DestinationStream, type Logger, pino } from 'pino'
import { cleanText } from '../../shared/terminal/clean-text.js'
import type { ProxySettings } from '../config/settings.js'

export type { Logger } from 'pino'

/** Most that is kept in memory while the log cannot be written; lines beyond that are lost. */
const MAX_KEPT_BYTES = 1_000_000

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
  return pino(options, cleaned(destination ?? openLog(1)))
}

/** Where lines go. A server without a log is better than none, so errors are ignored, such as while the disk is full. */
export function openLog(fileDescriptor: number): DestinationStream {
  // Synchronous: otherwise the last lines before exit would be out of order or missing.
  const output = pino.destination({ dest: fileDescriptor, sync: true, maxLength: MAX_KEPT_BYTES })
  output.on('error', () => {})
  // It would not try to write what it keeps until another line fits.
  output.on('drop', () => void output.write(''))
  return output
}

/** Characters that JSON does not escape although terminals obey them, such as the C1 controls. */
function cleaned(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${cleanText(line)}\n`) }
}
