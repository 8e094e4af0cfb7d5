import type { Port, Report } from './messages.js'

/** Tells the worker, on the port of a request, that there will be no peer connection. */
export function refuse(port: Port): void {
  const report: Report = { type: 'state', state: 'closed' }
  port.postMessage(report)
  port.close()
}
