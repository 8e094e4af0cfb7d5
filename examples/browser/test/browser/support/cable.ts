import { connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * A TCP forwarder that can be unplugged. Chromium's own "offline" does not close WebSockets, it only holds back what
 * the page sends on open ones. The forwarder is closed after the test.
 */
export class Cable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isCut = false
  #bytesLeft = Number.POSITIVE_INFINITY
  #onUsedUp = () => {}

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

  /** Number of connections that are forwarded at the moment. */
  get size(): number {
    return this.#sockets.size / 2
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Lets this many bytes through, both directions together, then cuts and resolves. */
  cutAfter(bytes: number): Promise<void> {
    this.#bytesLeft = bytes
    return new Promise((resolve) => {
      this.#onUsedUp = resolve
    })
  }

  /** Plugs the cable in again: new connections are forwarded. */
  restore(): void {
    this.#isCut = false
    this.#bytesLeft = Number.POSITIVE_INFINITY
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
      from.on('data', (data) => this.#count(data.byteLength))
      from.pipe(to)
    }
  }

  #count(bytes: number): void {
    this.#bytesLeft -= bytes
    if (this.#bytesLeft > 0 || this.#isCut) return
    this.cut()
    this.#onUsedUp()
  }

  async #close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
