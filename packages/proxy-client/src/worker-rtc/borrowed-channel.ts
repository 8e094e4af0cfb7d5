import type { DataChannel, Handler } from './messages.js'

/**
 * A data channel that a page hands over: here at once, and usable when the page has made it. After that, data go straight
 * from this worker to the network.
 */
export class BorrowedChannel implements DataChannel {
  readonly label: string
  /** Messages are always buffers. */
  binaryType = 'arraybuffer'
  onopen: Handler = null
  onmessage: Handler = null
  onbufferedamountlow: Handler = null
  onclose: Handler = null
  #real: DataChannel | null = null
  #lowThreshold = 0
  #isOpen = false
  #isClosed = false
  /** What came before it was open: nothing can be sent in answer to it before that. */
  #early: never[] = []

  constructor(label: string) {
    this.label = label
  }

  get readyState(): string {
    if (this.#isClosed) return 'closed'
    return this.#isOpen && this.#real !== null ? this.#real.readyState : 'connecting'
  }

  get bufferedAmount(): number {
    return this.#real?.bufferedAmount ?? 0
  }

  get bufferedAmountLowThreshold(): number {
    return this.#lowThreshold
  }

  set bufferedAmountLowThreshold(bytes: number) {
    this.#lowThreshold = bytes
    if (this.#real !== null) this.#real.bufferedAmountLowThreshold = bytes
  }

  /** The page has handed it over. */
  attach(real: DataChannel): void {
    if (this.#isClosed) real.close()
    else this.#listen(real)
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    if (this.#real === null) throw new Error('the channel is not open')
    this.#real.send(data)
  }

  /** It will not be made. */
  end(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onclose?.({} as never)
  }

  close(): void {
    this.#isClosed ||= this.#real === null
    this.#real?.close()
  }

  #listen(real: DataChannel): void {
    this.#real = real
    real.binaryType = 'arraybuffer'
    real.bufferedAmountLowThreshold = this.#lowThreshold
    real.onopen = () => this.#onOpen()
    real.onmessage = (event) => {
      if (this.#isOpen) this.onmessage?.(event)
      else this.#early.push(event)
    }
    real.onbufferedamountlow = (event) => this.onbufferedamountlow?.(event)
    real.onclose = (event) => {
      this.#isClosed = true
      this.onclose?.(event)
    }
    if (real.readyState === 'open') this.#onOpen()
  }

  #onOpen(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.onopen?.({} as never)
    for (const event of this.#early.splice(0)) this.onmessage?.(event)
  }
}
