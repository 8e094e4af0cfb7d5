import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import type { Address } from './messages.ts'

/** The proxy server of the demo, on a WebSocket, with a way to cut its links. */
export class DemoProxy {
  readonly server: ProxyServer
  readonly url: string
  readonly #web: ReturnType<typeof createServer>
  readonly #sockets: Set<Socket>

  private constructor(server: ProxyServer, web: ReturnType<typeof createServer>, sockets: Set<Socket>) {
    this.server = server
    this.#web = web
    this.#sockets = sockets
    this.url = `ws://127.0.0.1:${(web.address() as AddressInfo).port}/swarm`
  }

  static async start(bootstrap: Address[]): Promise<DemoProxy> {
    const server = new ProxyServer({ bootstrap, host: '127.0.0.1' })
    const web = createServer((_request, response) => response.end('the demo\n'))
    const sockets = new Set<Socket>()
    web.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    await listen(server, { server: web, path: '/swarm' })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    return new DemoProxy(server, web, sockets)
  }

  /** Cuts all links without a goodbye, as a failing network does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async destroy(): Promise<void> {
    await this.server.destroy()
    this.cut()
    await new Promise((resolve) => this.#web.close(resolve))
  }
}
