import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'

/** A connection to an HTTP server that sends only what it is told to, when told to; closed after the test. */
export class RawHttp {
  isOpen = true
  readonly #socket: Socket
  #received = ''
  #error: Error | null = null

  /** Resolves when the connection is open. */
  static async open(port: number): Promise<RawHttp> {
    const socket = connect(port, '127.0.0.1')
    const connection = new RawHttp(socket)
    await once(socket, 'connect')
    return connection
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (text) => {
      this.#received += text
    })
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('close', () => {
      this.isOpen = false
    })
    onTestFinished(() => void socket.destroy())
  }

  /** Sends a complete request. Resolves to the answer. */
  ask(path: string): Promise<string> {
    this.begin(path)
    return this.finish()
  }

  /** Sends a request without its end. */
  begin(path: string): void {
    this.#received = ''
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n`)
  }

  /** Sends the end of a request. Resolves to the answer; rejects if the connection is cut off. */
  async finish(): Promise<string> {
    this.#socket.write('\r\n')
    const isAnswered = () => this.#received.includes('}\n')
    await until('an answer', () => isAnswered() || !this.isOpen)
    if (!isAnswered()) throw this.#error ?? new Error('the connection ended without an answer')
    return this.#received
  }
}

/** Resolves when the port is closed. */
export async function refusal(port: number): Promise<void> {
  while (await accepts(port));
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket.destroy() !== null))
    socket.once('error', () => resolve(false))
  })
}

/** A WebSocket that opens and then sends nothing, so that a goodbye waits for its answer; closed after the test. */
export async function silentWebSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`)
  await once(socket, 'data')
  return socket
}
