import type { DuplexLike } from '@swarmway/proxy-protocol'

/** All bytes so far are read again with every chunk, so a remote may not send them one by one. */
const MAX_CHUNKS = 256

/** A duplex that can be paused and take bytes back: a socket or a WebSocket. */
export interface Rereadable extends DuplexLike {
  unshift(chunk: Uint8Array): unknown
  pause(): unknown
  resume(): unknown
}

/**
 * Holds back the first bytes of a duplex until its owner is decided. The other side waits for an answer
 * before it sends more, so there is little to hold; a remote that sends more than `maxBytes` is cut off.
 */
export class FirstBytes {
  readonly #duplex: Rereadable
  readonly #maxBytes: number
  readonly #onBytes: (bytes: Buffer) => void
  readonly #onGone: () => void
  #bytes = Buffer.alloc(0)
  #chunks = 0
  #isOver = false

  /** `onBytes` receives all bytes so far, each time more arrive. */
  constructor(duplex: Rereadable, maxBytes: number, onBytes: (bytes: Buffer) => void, onGone: () => void) {
    this.#duplex = duplex
    this.#maxBytes = maxBytes
    this.#onBytes = onBytes
    this.#onGone = onGone
    duplex.limitInput?.(maxBytes)
    duplex.on('data', this.#onData)
    duplex.on('error', ignore)
    for (const event of ['end', 'close']) duplex.on(event, this.#onEnd)
  }

  /**
   * Hands the duplex over with all bytes (or those from `from` on) put back; `taker` has to listen
   * for data at once. False if the duplex has closed.
   */
  release(taker: (duplex: Rereadable) => void, from = 0): boolean {
    if (this.#isOver) return false
    this.#finish()
    this.#duplex.limitInput?.(null)
    taker(this.#duplex)
    const rest = this.#bytes.subarray(from)
    if (rest.byteLength > 0) this.#duplex.unshift(rest)
    return true
  }

  /** Destroys the duplex. */
  destroy(): void {
    if (this.#isOver) return
    this.#finish()
    this.#duplex.destroy()
  }

  readonly #onData = (chunk: unknown): void => {
    this.#bytes = Buffer.concat([this.#bytes, chunk as Uint8Array])
    this.#onBytes(this.#bytes)
    if (this.#bytes.byteLength > this.#maxBytes || ++this.#chunks > MAX_CHUNKS) this.destroy()
  }

  readonly #onEnd = (): void => this.destroy()

  #finish(): void {
    this.#isOver = true
    this.#duplex.removeListener('data', this.#onData)
    for (const event of ['end', 'close']) this.#duplex.removeListener(event, this.#onEnd)
    this.#onGone()
  }
}

/** The listener stays: between two owners an error must not end the process. */
function ignore(): void {}
