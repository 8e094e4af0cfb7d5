import { FRAME_KIND, type FrameKind } from '../frame-reader.js'
import type { PathTransport, TransportListener } from '../path-transport.js'
import type { RtcDataChannel } from './rtc.js'

/** The largest message: what every implementation takes, and small enough not to hold up a control message for long. */
const MAX_MESSAGE_BYTES = 64 * 1024
const MIN_MESSAGE_BYTES = 1024
/** Bytes that wait in the channel, from which on no data are added, and at which more are asked for. */
const HIGH_BYTES = 1024 * 1024
const LOW_BYTES = 256 * 1024

/** A path over a data channel: each frame is a message, its first byte the kind. */
export class ChannelTransport implements PathTransport {
  readonly maxDataBytes: number
  readonly #channel: RtcDataChannel
  readonly #release: () => void
  #isOver = false

  /** `maxMessageSize` is the most that the other side takes; `release`, called once, frees what the channel belongs to. */
  constructor(channel: RtcDataChannel, maxMessageSize: number, release: () => void) {
    const messageBytes = Math.max(MIN_MESSAGE_BYTES, Math.min(MAX_MESSAGE_BYTES, maxMessageSize))
    this.maxDataBytes = messageBytes - 1
    this.#channel = channel
    this.#release = release
    channel.bufferedAmountLowThreshold = LOW_BYTES
  }

  get isWritable(): boolean {
    return this.#channel.bufferedAmount < HIGH_BYTES
  }

  listen(listener: TransportListener): void {
    const channel = this.#channel
    channel.onmessage = ({ data }: { data: unknown }) => onMessage(listener, data)
    channel.onbufferedamountlow = () => listener.onWritable()
    channel.onclose = () => {
      if (this.#close()) listener.onClosed(null)
    }
  }

  sendData(parts: readonly Uint8Array[]): number {
    return this.#send(FRAME_KIND.data, parts)
  }

  sendControl(sealed: Uint8Array): void {
    this.#send(FRAME_KIND.control, [sealed])
  }

  /** What was sent before still goes out. */
  end(): void {
    this.#channel.close()
  }

  destroy(): void {
    this.#close()
  }

  #close(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    this.#channel.close()
    this.#release()
    return true
  }

  /** What a channel does not take, because it is closing, is sent again on another path when it has closed. */
  #send(kind: FrameKind, parts: readonly Uint8Array[]): number {
    const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0)
    const message = new Uint8Array(byteLength + 1)
    message[0] = kind
    let end = 1
    for (const part of parts) {
      message.set(part, end)
      end += part.byteLength
    }
    this.#pass(message)
    return byteLength
  }

  #pass(message: Uint8Array<ArrayBuffer>): void {
    if (this.#channel.readyState !== 'open') return
    try {
      this.#channel.send(message)
    } catch {
      this.#channel.close()
    }
  }
}

/** Texts and messages of a later version are ignored. */
function onMessage(listener: TransportListener, data: unknown): void {
  if (!(data instanceof ArrayBuffer) || data.byteLength < 2) return
  const message = new Uint8Array(data)
  const bytes = message.subarray(1)
  if (message[0] === FRAME_KIND.data) listener.onData(bytes)
  else if (message[0] === FRAME_KIND.control) listener.onControl(bytes)
}
