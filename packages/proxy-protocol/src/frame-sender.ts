import { defer } from './clock.js'
import { bufferLimit, type ProxyError } from './errors.js'
import { type FrameKind, FrameLog, type FrameOwner, type LoggedFrame } from './frame-log.js'
import type { ProtocolLimits } from './limits.js'
import type { Link } from './link.js'
import type { StreamChannel } from './stream-channel.js'

/** What a sender needs of its session. */
export interface SenderHost {
  /** The stream whose turn it is to send data. */
  takeTurn(): StreamChannel | undefined
  /** Back into the ring, if it has more. */
  ready(channel: StreamChannel): void
  /** A frame is about to be sent: a good moment for an acknowledgement. */
  beforeSend(): void
  /** The bound on control frames is broken. */
  onOverflow(error: ProxyError): void
}

/**
 * The outgoing half of a session: numbers frames, keeps them until acknowledged, hands them to whatever link there
 * is. Control frames go ahead of data because data is cut from the streams only when the log has nothing else to
 * send and the link wants more.
 */
export class FrameSender {
  /** Frames handed to a link more than once. */
  resent = 0
  readonly #log = new FrameLog()
  readonly #limits: ProtocolLimits
  readonly #host: SenderHost
  #link: Link | null = null
  #pumping = false
  #scheduled = false
  #closed = false

  /** Without a link. */
  constructor(limits: ProtocolLimits, host: SenderHost) {
    this.#limits = limits
    this.#host = host
  }

  /** Frames ever handed to a link, each counted once. */
  get sent(): number {
    return this.#log.sent
  }

  /** Bytes not acknowledged, of one kind. */
  bytesOf(kind: FrameKind): number {
    return this.#log.bytesOf(kind)
  }

  /** Adds a frame that is not stream data. */
  append(frame: Uint8Array, kind: FrameKind = 'control', owner: FrameOwner | null = null): void {
    if (this.#closed) return
    this.#log.append({ head: frame, body: null, kind, owner, payloadBytes: 0 })
    const bound = this.#limits.maxControlBytes * 2
    if (this.#log.bytesOf('control') > bound) this.#host.onOverflow(bufferLimit('control frames', bound))
    else this.wake()
  }

  /** Goes on over a link on which the peer has `count` frames. False if that cannot be. */
  attach(link: Link, count: number): boolean {
    if (!this.#log.acknowledge(count)) return false
    this.resent += this.#log.rewind()
    this.#link = link
    this.wake()
    return true
  }

  /** No link for now. */
  detach(): void {
    this.#link = null
  }

  /** The peer has `count` frames. False if that cannot be. */
  acknowledge(count: number): boolean {
    if (!this.#log.acknowledge(count)) return false
    this.wake()
    return true
  }

  /** Sends at the end of this turn what has come together by then. */
  wake(): void {
    if (this.#scheduled || this.#link === null) return
    this.#scheduled = true
    defer(() => {
      this.#scheduled = false
      this.pump()
    })
  }

  /** Hands frames to the link as long as it wants more. */
  pump(): void {
    const link = this.#link
    if (link === null || this.#pumping) return
    this.#pumping = true
    try {
      let more = true
      while (more && this.#link === link && link.writable) more = this.#sendOne(link)
    } finally {
      this.#pumping = false
    }
    link.flush()
  }

  /** Gives everything up. */
  close(): void {
    this.#closed = true
    this.#link = null
    this.#log.clear()
  }

  #sendOne(link: Link): boolean {
    const frame = this.#log.take() ?? this.#cut()
    if (frame === undefined) return false
    this.#host.beforeSend()
    link.send(frame.head, frame.body)
    return true
  }

  /** The next data frame. It is in the log before its stream is told, since that may append the stream's END. */
  #cut(): LoggedFrame | undefined {
    if (this.#log.bytesOf('data') >= this.#limits.maxUnackedBytes) return undefined
    const channel = this.#host.takeTurn()
    if (channel === undefined) return undefined
    const { head, body, payloadBytes } = channel.takeFrame(this.#limits.chunkBytes)
    this.#log.append({ head, body, kind: 'data', owner: channel, payloadBytes })
    const frame = this.#log.take()
    channel.afterTake()
    this.#host.ready(channel)
    return frame
  }
}
