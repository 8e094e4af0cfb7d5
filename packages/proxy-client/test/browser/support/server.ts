import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { ProxyServer, type ProxyServerOptions } from '../../../../proxy-server/src/index.js'
import { listen } from '../../../../proxy-server/src/websocket/index.js'

/** A proxy server on a port of its own, without a DHT if none is given. It is destroyed after the test. */
export async function startServer(options: ProxyServerOptions = {}): Promise<{ server: ProxyServer; url: string }> {
  const server = new ProxyServer({ dht: null, drainMs: 200, ...options })
  const listener = await listen(server, { host: '127.0.0.1' })
  onTestFinished(async () => {
    await server.destroy()
    await listener.close()
  })
  return { server, url: `ws://127.0.0.1:${(listener.address as AddressInfo).port}` }
}
