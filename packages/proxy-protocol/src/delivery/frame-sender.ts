import { systemClock } from '@swarmway/runtime'
import { bufferLimit, type ProxyError } from '../errors.js'
import type { ProtocolLimits } from '../limits.js'
import type { Link } from '../link/link.js'
import { defer, soon } from '../util/timers.js'
import { type FrameKind, FrameLog, type FrameOwner, type LoggedFrame, sizeOf } from './frame-log.js'

/**
 * A frame that comes this soon after others belongs to a burst, and waits for the rest of it. Any other goes at once:
 * waiting would add a turn of the event loop to every message, and another to its answer.
 */
const BURST_MS = 0.05
/** After this much, more of the same will come: a turn of the event loop is nothing to it, a write to the link is. */
const BULK_BYTES = 8 * 1024
const BULK_BURST_MS = 2
/** What may go at once. More would let the first stream of a turn get ahead of the others. */
const EAGER_BYTES = 16 * 1024
/**
 * So many in a row go at once, and then one at the end of the turn: two sides in one process that answer each other
 * would otherwise never let the turn end, and with it timers and sockets.
 */
const EAGER_RUNS = 64

/** A stream that has data to send, as the sender sees it. */
export interface DataStream extends FrameOwner {
  /** Cuts the next data frame, of at most `maxBytes` of payload. */
  takeFrame(maxBytes: number): Pick<LoggedFrame, 'head' | 'body' | 'payloadBytes'>
  /** The frame is in the log. */
  afterTake(): void
}

/** Where the data comes from. */
export interface DataSource {
  /** The stream whose turn it is to send data. */
  takeTurn(): DataStream | undefined
  /** Back into the ring, if it has more. */
  ready(stream: DataStream): void
}

/** What else goes out with the frames. */
export interface SendCompanion {
  /** A frame is about to be sent: a good moment for an acknowledgement. */
  piggyback(): void
}

/** Takes frames that are not stream data, and the word that there is data. */
export interface FrameOutlet {
  /** Adds a frame. */
  append(frame: Uint8Array, kind?: FrameKind, owner?: FrameOwner | null): void
  /** There is data to send. */
  wake(): void
}

/**
 * The outgoing half of a session: numbers frames, keeps them until acknowledged, hands them to whatever link there
 * is. Control frames go ahead of data because data is cut from the streams only when the log has nothing else to
 * send and the link wants more.
 */
export class FrameSender implements FrameOutlet {
  /** Frames handed to a link more than once. */
  resent = 0
  readonly #log = new FrameLog()
  readonly #limits: ProtocolLimits
  readonly #onOverflow: (error: ProxyError) => void
  #data: DataSource | null = null
  #companion: SendCompanion | null = null
  #link: Link | null = null
  #pumping = false
  #scheduled = false
  #closed = false
  #pumpedAt = Number.NEGATIVE_INFINITY
  #eagerRuns = 0
  #isBulk = false

  /** Without a link. `onOverflow` hears that the bound on control frames is broken. */
  constructor(limits: ProtocolLimits, onOverflow: (error: ProxyError) => void) {
    this.#limits = limits
    this.#onOverflow = onOverflow
  }

  /** To be called once, before there is a link: each needs the other. */
  connect(data: DataSource, companion: SendCompanion): void {
    this.#data = data
    this.#companion = companion
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
    if (this.#log.bytesOf('control') > bound) this.#onOverflow(bufferLimit('control frames', bound))
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

  /** Sends: a little at once, and in a burst, or for the rest, what has come together at the end of this turn. */
  wake(): void {
    if (this.#scheduled || this.#link === null) return
    this.#scheduled = true
    const isBurst = systemClock.now() - this.#pumpedAt < (this.#isBulk ? BULK_BURST_MS : BURST_MS)
    this.#eagerRuns = isBurst || this.#eagerRuns === EAGER_RUNS ? 0 : this.#eagerRuns + 1
    if (this.#eagerRuns === 0) defer(() => this.#run(Number.POSITIVE_INFINITY))
    else soon(() => this.#run(EAGER_BYTES))
  }

  /** Hands frames to the link as long as it wants more. */
  pump(): void {
    this.#pump(Number.POSITIVE_INFINITY)
  }

  /** Gives everything up. */
  close(): void {
    this.#closed = true
    this.#link = null
    this.#log.clear()
  }

  #run(maxBytes: number): void {
    this.#scheduled = false
    const isDone = this.#pump(maxBytes)
    if (!isDone) this.wake()
  }

  /** False if it was `maxBytes` that stopped it. */
  #pump(maxBytes: number): boolean {
    const link = this.#link
    if (link === null || this.#pumping) return true
    this.#pumping = true
    let sent = 0
    try {
      while (sent < maxBytes && this.#link === link && link.writable) {
        const bytes = this.#sendOne(link, maxBytes - sent)
        if (bytes === 0) break
        sent += bytes
      }
    } finally {
      this.#pumping = false
    }
    link.flush()
    if (sent > 0) this.#isBulk = sent >= BULK_BYTES
    this.#pumpedAt = systemClock.now()
    return sent < maxBytes
  }

  /** Returns how many bytes went, 0 if there was nothing. A data frame has at most `maxBytes`. */
  #sendOne(link: Link, maxBytes: number): number {
    const frame = this.#log.take() ?? this.#cut(Math.min(maxBytes, this.#limits.chunkBytes))
    if (frame === undefined) return 0
    this.#companion?.piggyback()
    link.queue(frame.head, frame.body)
    return sizeOf(frame)
  }

  /** The next data frame. It is in the log before its stream is told, since that may append the stream's END. */
  #cut(maxBytes: number): LoggedFrame | undefined {
    if (this.#log.bytesOf('data') >= this.#limits.maxUnackedBytes) return undefined
    const channel = this.#data?.takeTurn()
    if (channel === undefined) return undefined
    const { head, body, payloadBytes } = channel.takeFrame(maxBytes)
    this.#log.append({ head, body, kind: 'data', owner: channel, payloadBytes })
    const frame = this.#log.take()
    channel.afterTake()
    this.#data?.ready(channel)
    return frame
  }
}
