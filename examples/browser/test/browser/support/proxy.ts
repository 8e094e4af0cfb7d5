import { ProxyServer, type ProxyServerOptions } from '@swarmway/proxy-server'
import { listen, type WebSocketListener } from '@swarmway/proxy-server/websocket'
import { onTestFinished } from 'vitest'

/** A proxy server that can be stopped and returns at the same port, with no memory of its clients. */
export class RestartableProxy {
  readonly #options: ProxyServerOptions
  #server: ProxyServer
  #listener: WebSocketListener
  readonly #port: number

  private constructor(options: ProxyServerOptions, server: ProxyServer, listener: WebSocketListener) {
    this.#options = options
    this.#server = server
    this.#listener = listener
    this.#port = (listener.address as { port: number }).port
  }

  /** Starts a proxy server that is stopped after the test. */
  static async start(options: ProxyServerOptions = { dht: null }): Promise<RestartableProxy> {
    const server = new ProxyServer({ drainMs: 0, ...options })
    const proxy = new RestartableProxy(options, server, await listen(server, { port: 0, host: '127.0.0.1' }))
    onTestFinished(() => proxy.stop())
    return proxy
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`
  }

  async stop(): Promise<void> {
    await this.#server.destroy()
    await this.#listener.close()
  }

  async startAgain(): Promise<void> {
    this.#server = new ProxyServer({ drainMs: 0, ...this.#options })
    this.#listener = await listen(this.#server, { port: this.#port, host: '127.0.0.1' })
  }
}
