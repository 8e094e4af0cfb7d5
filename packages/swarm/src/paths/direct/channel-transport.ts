import { FRAME_KIND } from '../frame-reader.js'
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

/**
 * A path over a data channel: each frame is a message, its first byte the kind. `maxMessageSize` is the most that the other side
 * takes; `release`, called once, frees what the channel belongs to.
 */
export function channelTransport(channel: RtcDataChannel, maxMessageSize: number, release: () => void): PathTransport {
  let isOver = false
  /** Whether it was open. */
  const close = () => {
    if (isOver) return false
    isOver = true
    // A closed channel may live as long as its peer connection, and must not keep ours.
    channel.onmessage = channel.onbufferedamountlow = channel.onclose = null
    channel.close()
    release()
    return true
  }
  channel.bufferedAmountLowThreshold = LOW_BYTES
  return {
    maxDataBytes: Math.max(MIN_MESSAGE_BYTES, Math.min(MAX_MESSAGE_BYTES, maxMessageSize)) - 1,
    get isWritable() {
      return channel.bufferedAmount < HIGH_BYTES
    },
    listen(listener) {
      channel.onmessage = ({ data }: { data: unknown }) => onMessage(listener, data)
      channel.onbufferedamountlow = () => listener.onWritable()
      channel.onclose = () => {
        if (close()) listener.onClosed(null)
      }
    },
    send(kind, parts) {
      const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0)
      const message = room(byteLength + 1)
      message[0] = kind
      let end = 1
      for (const part of parts) {
        message.set(part, end)
        end += part.byteLength
      }
      pass(channel, message)
      return byteLength
    },
    /** What was sent before still goes out. */
    end: () => channel.close(),
    destroy: close
  }
}

/** What a channel does not take, because it is closing, is sent again on another path when it has closed. */
function pass(channel: RtcDataChannel, message: Uint8Array<ArrayBuffer>): void {
  if (channel.readyState !== 'open') return
  try {
    channel.send(message)
  } catch {
    channel.close()
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
