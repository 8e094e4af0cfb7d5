import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP port that leads to another one, and that the test can cut, or make slow. */
export class Tunnel {
  /** Milliseconds that bytes take in each direction. */
  delayMs = 0
  /** Bytes carried, in both directions. */
  bytes = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isCut = false

  private constructor(target: number) {
    this.#server = createServer((outer) => {
      const inner = connect({ host: '127.0.0.1', port: target })
      this.#carry(outer, inner)
      this.#carry(inner, outer)
      if (this.#isCut) outer.destroy()
    })
  }

  static async to(target: number): Promise<Tunnel> {
    const tunnel = new Tunnel(target)
    tunnel.#server.listen(0, '127.0.0.1')
    await once(tunnel.#server, 'listening')
    onTestFinished(() => {
      tunnel.cut()
      tunnel.#server.close()
    })
    return tunnel
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends all connections, and every later one. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  restore(): void {
    this.#isCut = false
  }

  #carry(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.on('error', () => {})
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
    from.on('data', (chunk) => {
      this.bytes += chunk.byteLength
      if (this.delayMs === 0) to.write(chunk)
      else setTimeout(() => to.write(chunk), this.delayMs)
    })
  }
}
