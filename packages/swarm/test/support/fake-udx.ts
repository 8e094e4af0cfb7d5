import { Duplex } from 'node:stream'
import { DEFAULT_WINDOW_BYTES, type Udx, type UdxStream } from '../../src/native/receive-window/window-word.js'

/** Where the streams of a {@link FakeUdx} keep their receive window; the send window is the word before. */
export const WINDOW_WORD = 6

/** How a fake UDX differs from the real one. */
export interface FakeUdxOptions {
  /** Indices of the words that hold the default window in a new stream. Default: the send and the receive window. */
  windowWords?: number[]
  /** Does not tell the other end the window. Default: false. */
  isDeaf?: boolean
  /** Loses all messages. Default: false. */
  isCut?: boolean
  /** Has no sockets left: `createSocket` throws. Default: false. */
  isExhausted?: boolean
}

/** A UDX in memory. */
export class FakeUdx implements Udx {
  readonly options: FakeUdxOptions
  readonly streams = new Map<number, FakeUdxStream>()
  /** Sockets that are open. */
  openSockets = 0
  /** Sockets that were ever made. */
  sockets = 0

  constructor(options: FakeUdxOptions = {}) {
    this.options = options
  }

  createSocket() {
    if (this.options.isExhausted) throw new Error('too many open files')
    this.sockets++
    this.openSockets++
    return {
      bind: () => {},
      address: () => ({ port: 1 }),
      close: async () => {
        this.openSockets--
      }
    }
  }

  createStream(id: number): FakeUdxStream {
    const stream = new FakeUdxStream(this)
    this.streams.set(id, stream)
    stream.once('close', () => this.streams.delete(id))
    return stream
  }
}

/** One stream. What is pushed is what arrived from the peer. */
export class FakeUdxStream extends Duplex implements UdxStream {
  readonly udx: FakeUdx
  readonly _view = new Uint32Array(16)
  rtt = 0
  /** Messages sent by the code under test. */
  messages = 0
  #remoteId = 0

  constructor(udx: FakeUdx) {
    super()
    this.udx = udx
    this.on('error', () => {})
    for (const word of udx.options.windowWords ?? [WINDOW_WORD - 1, WINDOW_WORD])
      this._view[word] = DEFAULT_WINDOW_BYTES
  }

  override _read(): void {}

  /** The window that the peer is told from now on. */
  get windowBytes(): number {
    return this._view[WINDOW_WORD] ?? 0
  }

  connect(_socket: object, remoteId: number): void {
    this.#remoteId = remoteId
  }

  trySend(): void {
    this.messages++
    const { isCut, isDeaf } = this.udx.options
    const other = this.udx.streams.get(this.#remoteId)
    if (other === undefined || isCut) return
    setImmediate(() => {
      if (!isDeaf) other._view[WINDOW_WORD - 1] = this.windowBytes
      other.emit('message')
    })
  }
}

/** A UDX of its own kind: what is found out about one is remembered for all of its class. */
export function fakeUdx(options: FakeUdxOptions = {}): FakeUdx {
  return new (class extends FakeUdx {})(options)
}
