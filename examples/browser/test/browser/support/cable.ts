import { connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * A TCP forwarder that can be unplugged: Chromium's own "offline" leaves WebSockets that are open alone. Goes with the
 * test.
 */
export class Cable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isCut = false

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      if (this.#isCut) near.destroy()
      else this.#join(near, connect({ port: targetPort, host: '127.0.0.1', noDelay: true }))
    })
  }

  static async to(targetPort: number): Promise<Cable> {
    const cable = new Cable(targetPort)
    await new Promise<void>((resolve) => cable.#server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => cable.#close())
    return cable
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  /** Connections that go through at the moment. */
  get size(): number {
    return this.#sockets.size / 2
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => {})
      from.once('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  }

  async #close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
