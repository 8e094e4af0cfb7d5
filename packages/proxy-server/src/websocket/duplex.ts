import b4a from 'b4a'
import { Duplex } from 'streamx'
import type { RawData, WebSocket } from 'ws'

/** Small writes are put together into messages of up to this size. */
const MESSAGE_BYTES = 256 * 1024
/** Bytes in the socket's own buffer above which writing waits. */
const HIGH_WATER_BYTES = 512 * 1024
/** Close codes of RFC 6455. */
const NORMAL = 1000
const UNSUPPORTED_DATA = 1003

type Callback = (error: Error | null) => void

/** A WebSocket of the package `ws` as a duplex of bytes, with back-pressure both ways. Message bounds mean nothing. */
export class WebSocketDuplex extends Duplex {
  readonly #socket: WebSocket
  #written: Callback | null = null

  constructor(socket: WebSocket) {
    super()
    this.#socket = socket
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', (code) => this.#onClose(code))
  }

  override _read(callback: Callback): void {
    if (this.#socket.isPaused) this.#socket.resume()
    callback(null)
  }

  override _writev(batch: unknown[], callback: Callback): void {
    this.#written = callback
    for (const message of messages(batch as Uint8Array[])) this.#send(message)
    this.#continue()
  }

  override _final(callback: Callback): void {
    this.#socket.close(NORMAL)
    // A paused socket would never see the other end's answer.
    this.#socket.resume()
    callback(null)
  }

  override _predestroy(): void {
    this.#release()
  }

  override _destroy(callback: Callback): void {
    this.#socket.terminate()
    callback(null)
  }

  #send(message: Uint8Array): void {
    this.#socket.send(message, { binary: true, compress: false }, (error) => {
      if (error) this.destroy(error)
      else this.#continue()
    })
  }

  #continue(): void {
    if (this.#written !== null && this.#socket.bufferedAmount < HIGH_WATER_BYTES) this.#release()
  }

  #release(): void {
    const written = this.#written
    this.#written = null
    written?.(null)
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.destroying) return
    if (!isBinary) {
      this.#socket.close(UNSUPPORTED_DATA, 'binary messages only')
      this.destroy(new Error('the other end of the WebSocket sends text'))
    } else if (!this.push(data)) this.#socket.pause()
  }

  #onClose(code: number): void {
    if (code === NORMAL) this.push(null)
    else this.destroy(new Error(`the WebSocket closed with code ${code}`))
  }
}

/** Puts chunks together into messages. */
function messages(chunks: readonly Uint8Array[]): Uint8Array[] {
  const groups: Uint8Array[][] = []
  let bytes = MESSAGE_BYTES
  for (const chunk of chunks) {
    if (bytes + chunk.byteLength > MESSAGE_BYTES) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push(chunk)
    bytes += chunk.byteLength
  }
  return groups.map((group) => (group.length === 1 ? (group[0] as Uint8Array) : b4a.concat(group)))
}
