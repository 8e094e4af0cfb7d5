import b4a from 'b4a'
import { Duplex } from 'streamx'

/** The part of a MessagePort that is used; browsers, Node, and both ends of a worker have it. */
export interface MessagePortLike {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'messageerror' | 'close', listener: () => void): void
  /** A `Worker`, and the scope inside one, lack this method: they start on their own. */
  start?(): void
  close?(): void
}

/** Bytes in flight to the other side above which writing waits. */
const HIGH_WATER_BYTES = 1024 * 1024

type Callback = (error: Error | null) => void

/**
 * A MessagePort as a duplex of bytes, for both of its ends: `connect: () => messagePort(port)` at a client,
 * `server.handleStream(messagePort(port))` at a server.
 *
 * A message is one of four: bytes; a number: how many bytes the sender has read, as a port has no back-pressure
 * and would pile up what a slow reader leaves; null: no more bytes; a text: destroyed, and why.
 */
export function messagePort(port: MessagePortLike): MessagePortDuplex {
  return new MessagePortDuplex(port)
}

/** See {@link messagePort}. */
export class MessagePortDuplex extends Duplex {
  readonly #port: MessagePortLike
  #underWay = 0
  #written: Callback | null = null
  #unread = 0
  #isGone = false

  constructor(port: MessagePortLike) {
    super()
    this.#port = port
    port.addEventListener('message', ({ data }) => this.#onMessage(data))
    port.addEventListener('messageerror', () => this.destroy(new Error('a message could not be read')))
    port.addEventListener('close', () => this.#onGone(null))
    port.start?.()
  }

  override _writev(batch: unknown[], callback: Callback): void {
    const bytes = joined(batch as Uint8Array[])
    this.#underWay += bytes.byteLength
    this.#port.postMessage(bytes)
    if (this.#underWay < HIGH_WATER_BYTES) callback(null)
    else this.#written = callback
  }

  /** Everything pushed before has been read. */
  override _read(callback: Callback): void {
    if (this.#unread > 0) this.#port.postMessage(this.#unread)
    this.#unread = 0
    callback(null)
  }

  override _final(callback: Callback): void {
    this.#port.postMessage(null)
    callback(null)
  }

  override _predestroy(): void {
    this.#release()
  }

  override _destroy(callback: Callback): void {
    if (!this.#isGone) this.#port.postMessage('destroyed')
    this.#port.close?.()
    callback(null)
  }

  #onMessage(data: unknown): void {
    if (this.destroying) return
    if (data instanceof Uint8Array) {
      this.#unread += data.byteLength
      this.push(data)
    } else if (typeof data === 'number') {
      this.#underWay -= data
      if (this.#underWay < HIGH_WATER_BYTES) this.#release()
    } else if (data === null) this.push(null)
    else if (typeof data === 'string') this.#onGone(null)
    else this.destroy(new Error('the other end of the port is not a link'))
  }

  #onGone(error: Error | null): void {
    this.#isGone = true
    this.destroy(error)
  }

  #release(): void {
    const written = this.#written
    this.#written = null
    written?.(null)
  }
}

/**
 * Copies the data into memory of its own. Posting copies the whole memory behind an array: for a slice of a pool that
 * would be the whole pool, and `concat` slices its result from one.
 */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = b4a.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.byteLength
  }
  return bytes
}
