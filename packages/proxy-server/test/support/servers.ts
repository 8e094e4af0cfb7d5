import { onTestFinished } from 'vitest'
import { ProxyServer, type ProxyServerOptions } from '../../src/index.js'

/** A server without a DHT, destroyed after the test. */
export function rendezvousServer(options: ProxyServerOptions = {}): ProxyServer {
  return makeServer({ dht: null, ...options })
}

/** A server that is destroyed after the test. */
export function makeServer(options: ProxyServerOptions): ProxyServer {
  const server = new ProxyServer({ drainMs: 200, ...options })
  onTestFinished(() => server.destroy())
  return server
}
