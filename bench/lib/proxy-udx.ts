/** A raw UDX stream without a DHT, made as HyperDHT makes its own. */
import type { NativeDht, UdxSocket, UdxStream } from './proxy-modules.ts'

const STREAM_ID = 1
const HOST = '127.0.0.1'

/** One end of it. */
export class UdxEnd {
  readonly stream: UdxStream
  readonly #socket: UdxSocket

  constructor({ udx }: NativeDht) {
    this.#socket = udx.createSocket()
    this.#socket.bind(0, HOST)
    this.stream = udx.createStream(STREAM_ID, { framed: true })
  }

  /** The UDP port to connect the other end to. */
  get port(): number {
    return this.#socket.address().port
  }

  connect(port: number): void {
    this.stream.connect(this.#socket, STREAM_ID, port, HOST)
  }
}
