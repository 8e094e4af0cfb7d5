import { FRAME_KIND, type FrameKind } from '../frame-reader.js'
import type { PathTransport, TransportListener } from '../path-transport.js'
import type { RtcDataChannel } from './rtc.js'

/**
 * The largest message: a chunk of 64 KiB with what encryption adds fits, and on a slow line it arrives while the watch of
 * the path waits for it. Larger ones would hardly occur, since a writer has to wait for what it has written.
 */
const MAX_MESSAGE_BYTES = 72 * 1024
const MIN_MESSAGE_BYTES = 1024
/** Below this size, a message of its own is cheaper. */
const SMALL_BYTES = 4096
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
    this.maxDataBytes = Math.max(MIN_MESSAGE_BYTES, Math.min(MAX_MESSAGE_BYTES, maxMessageSize)) - 1
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
    // A closed channel may live as long as its peer connection, and must not keep ours.
    this.#channel.onmessage = this.#channel.onbufferedamountlow = this.#channel.onclose = null
    this.#channel.close()
    this.#release()
    return true
  }

  /** What a channel does not take, because it is closing, is sent again on another path when it has closed. */
  #send(kind: FrameKind, parts: readonly Uint8Array[]): number {
    const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0)
    const message = room(byteLength + 1)
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

/** Messages are put together here, as a channel copies what it is given: allocating each would cost more than copying. */
let scratch: Uint8Array<ArrayBuffer> | null = null

function room(byteLength: number): Uint8Array<ArrayBuffer> {
  if (byteLength < SMALL_BYTES) return new Uint8Array(byteLength)
  scratch ??= new Uint8Array(MAX_MESSAGE_BYTES)
  return scratch.subarray(0, byteLength)
}

/** Texts and messages of a later version are ignored. */
function onMessage(listener: TransportListener, data: unknown): void {
  if (!(data instanceof ArrayBuffer) || data.byteLength < 2) return
  const message = new Uint8Array(data)
  const bytes = message.subarray(1)
  if (message[0] === FRAME_KIND.data) listener.onData(bytes)
  else if (message[0] === FRAME_KIND.control) listener.onControl(bytes)
}
