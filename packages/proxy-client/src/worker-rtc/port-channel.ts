import type { DataChannel, Handler, Incoming, Port } from './messages.js'

/** In a worker: a data channel of a page, which passes everything on; see forward.ts. */
export class PortChannel implements DataChannel {
  readonly label: string
  readyState = 'connecting'
  binaryType = 'arraybuffer'
  bufferedAmountLowThreshold = 0
  onopen: Handler = null
  onmessage: Handler = null
  onbufferedamountlow: Handler = null
  onclose: Handler = null
  readonly #port: Port
  #sentBytes = 0
  #leftBytes = 0

  constructor(label: string, port: Port) {
    this.label = label
    this.#port = port
    port.onmessage = ({ data }: { data: Incoming }) => this.#take(data)
    port.addEventListener('close', () => this.#take('closed'))
  }

  /** What has not left the page's channel yet. */
  get bufferedAmount(): number {
    return this.#sentBytes - this.#leftBytes
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    const { buffer } = data.slice()
    this.#sentBytes += buffer.byteLength
    this.#port.postMessage(buffer, [buffer])
  }

  close(): void {
    if (this.readyState === 'closed' || this.readyState === 'closing') return
    this.readyState = 'closing'
    this.#port.postMessage(null)
  }

  #take(data: Incoming): void {
    if (data instanceof ArrayBuffer) fire(this.onmessage, { data })
    else if (typeof data === 'number') this.#onLeft(data)
    else if (data === 'open') {
      this.readyState = 'open'
      fire(this.onopen, {})
    } else if (this.readyState !== 'closed') {
      this.readyState = 'closed'
      this.#port.close()
      fire(this.onclose, {})
    }
  }

  #onLeft(bytes: number): void {
    const wasHigh = this.bufferedAmount > this.bufferedAmountLowThreshold
    this.#leftBytes = bytes
    if (wasHigh && this.bufferedAmount <= this.bufferedAmountLowThreshold) fire(this.onbufferedamountlow, {})
  }
}

function fire(handler: Handler, event: object): void {
  handler?.(event as never)
}
