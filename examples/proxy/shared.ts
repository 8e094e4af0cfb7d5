/** Code that the examples share. Settings come from the environment, so that tests can run them. */
import type { AddressInfo } from 'node:net'

/** PORT, by default 8080; 0 for any. */
export const port = Number(process.env['PORT'] ?? 8080)

/** BOOTSTRAP, as host:port, for a private network; by default the public network. */
export const proxyOptions = process.env['BOOTSTRAP'] ? { bootstrap: [process.env['BOOTSTRAP']], host: '127.0.0.1' } : {}

/** Prints where the proxy can be reached. */
export function say(protocol: string, address: string | AddressInfo | null, path = ''): void {
  if (address === null || typeof address === 'string') return
  console.log(`proxy on ${protocol}://127.0.0.1:${address.port}${path}`)
}

/** Runs `close` once, when the process is asked to stop. */
export function onStop(close: () => unknown): void {
  let isStopping = false
  const stop = () => {
    if (!isStopping) close()
    isStopping = true
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}
