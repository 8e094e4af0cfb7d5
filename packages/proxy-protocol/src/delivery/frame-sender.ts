import type { Clock } from '@swarmway/runtime'
import { bufferLimit, type ProxyError } from '../errors.js'
import type { ProtocolLimits } from '../limits.js'
import type { Link } from '../link/link.js'
import { defer, soon } from '../util/timers.js'
import { type FrameKind, FrameLog, type FrameOwner, type LoggedFrame, sizeOf } from './frame-log.js'
import { OverdueWatch } from './overdue-watch.js'
import { SendWindow } from './send-window.js'

/**
 * A frame that follows others this closely belongs to a burst and waits for the rest of it. Any other frame is sent
 * at once: waiting would add a turn of the event loop to every message, and another to its answer.
 */
const BURST_MS = 0.05
/**
 * After this much, more data is likely to follow: a transfer hardly notices a turn of the event loop, but it does
 * notice each extra write.
 */
const BULK_BYTES = 8 * 1024
const BULK_BURST_MS = 2
/** The most that is sent at once. More would let the first stream of a turn get ahead of the others. */
const EAGER_BYTES = 16 * 1024
/**
 * This many frames in a row are sent at once, then one waits for the end of the turn. Otherwise two sides in one
 * process that answer each other would never let the turn end, and timers and sockets would starve.
 */
const EAGER_RUNS = 64
/** A stream's turn is shorter on a slow link. */
const CHUNKS_ON_THE_WAY = 8
const MIN_CHUNK_BYTES = 4 * 1024

/** A stream that has data to send, as the sender sees it. */
export interface DataStream extends FrameOwner {
  /** Cuts the next data frame, of at most `maxBytes` of payload. */
  takeFrame(maxBytes: number): Pick<LoggedFrame, 'head' | 'body' | 'payloadBytes'>
  /** The frame is in the log. */
  afterTake(): void
}

/** The source of stream data. */
export interface DataSource {
  /** The stream whose turn it is to send data. */
  takeTurn(): DataStream | undefined
}

/** Adds what should go out along with the frames. */
export interface SendCompanion {
  /** A frame is about to be sent: a good moment for an acknowledgement. */
  piggyback(): void
}

/** Accepts frames that are not stream data, and the news that stream data is waiting. */
export interface FrameOutlet {
  /** The link's round trip, in which an acknowledgement delay may be included; 0 until it is known. */
  readonly roundTripMs: number
  /** Adds a frame. */
  append(frame: Uint8Array, kind?: FrameKind, owner?: FrameOwner | null): void
  /** Stream data is waiting to be sent. */
  wake(): void
}

/**
 * The outgoing half of a session: numbers frames, keeps them until acknowledged, hands them to the current link.
 * Control frames go ahead of data because data is cut from the streams only when the log has nothing else to send and
 * the link wants more.
 */
export class FrameSender implements FrameOutlet {
  /** Frames handed to a link more than once. */
  resent = 0
  readonly #log = new FrameLog()
  readonly #limits: ProtocolLimits
  readonly #clock: Clock
  readonly #window: SendWindow
  readonly #onOverflow: (error: ProxyError) => void
  readonly #overdue: OverdueWatch | null
  #data: DataSource | null = null
  #companion: SendCompanion | null = null
  #link: Link | null = null
  #pumping = false
  #scheduled = false
  #closed = false
  #pumpedAt = Number.NEGATIVE_INFINITY
  #eagerRuns = 0
  #isBulk = false

  /**
   * Starts without a link. Calls `onOverflow` when control frames exceed their bound, and `onOverdue`, if given, while the
   * peer owes an acknowledgement and sends nothing.
   */
  constructor(limits: ProtocolLimits, clock: Clock, onOverflow: (error: ProxyError) => void, onOverdue?: () => void) {
    const { ackDelayMs, maxUnackedBytes } = limits
    this.#limits = limits
    this.#clock = clock
    this.#window = new SendWindow({ ackDelayMs, maxBytes: maxUnackedBytes }, clock)
    this.#onOverflow = onOverflow
    this.#overdue = onOverdue === undefined ? null : this.#watch(onOverdue)
  }

  /** Call it once, before the first link; the sender and its collaborators need each other. */
  connect(data: DataSource, companion: SendCompanion): void {
    this.#data = data
    this.#companion = companion
  }

  get roundTripMs(): number {
    return this.#window.roundTripMs
  }

  /** Number of frames ever handed to a link, each counted once. */
  get sent(): number {
    return this.#log.sent
  }

  /** Unacknowledged bytes of one kind. */
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

  /** Resumes over a link on which the peer has received `count` frames. Returns false if that count is impossible. */
  attach(link: Link, count: number): boolean {
    if (!this.#log.acknowledge(count)) return false
    this.resent += this.#log.rewind()
    this.#window.restart()
    this.#link = link
    this.wake()
    return true
  }

  /** The link is gone for now. */
  detach(): void {
    this.#link = null
    this.#overdue?.stop()
  }

  /** The peer has received `count` frames. Returns false if that count is impossible. */
  acknowledge(count: number): boolean {
    const before = this.#log.bytesOf('data')
    if (!this.#log.acknowledge(count)) return false
    this.#window.onAcked(count, before - this.#log.bytesOf('data'))
    this.wake()
    return true
  }

  /** Sends a little at once; bursts and everything beyond that wait until the end of this turn. */
  wake(): void {
    if (this.#scheduled || this.#link === null) return
    this.#scheduled = true
    const isBurst = this.#clock.now() - this.#pumpedAt < (this.#isBulk ? BULK_BURST_MS : BURST_MS)
    this.#eagerRuns = isBurst || this.#eagerRuns === EAGER_RUNS ? 0 : this.#eagerRuns + 1
    if (this.#eagerRuns === 0) defer(() => this.#run(Number.POSITIVE_INFINITY))
    else soon(() => this.#run(EAGER_BYTES))
  }

  /** Hands frames to the link as long as it wants more. */
  pump(): void {
    this.#pump(Number.POSITIVE_INFINITY)
  }

  /** Drops everything. */
  close(): void {
    this.#closed = true
    this.detach()
    this.#log.clear()
  }

  #watch(onOverdue: () => void): OverdueWatch {
    const bytesIn = () => this.#link?.bytesIn ?? 0
    return new OverdueWatch(this.#clock, { isOwed: () => this.#log.isOwed, bytesIn, onOverdue })
  }

  #run(maxBytes: number): void {
    this.#scheduled = false
    const isDone = this.#pump(maxBytes)
    if (!isDone) this.wake()
  }

  /** Returns false if `maxBytes` stopped it. */
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
      if (!link.writable) this.#window.onHeld()
    } finally {
      this.#pumping = false
    }
    link.flush()
    if (sent > 0) this.#isBulk = sent >= BULK_BYTES
    this.#pumpedAt = this.#clock.now()
    return sent < maxBytes
  }

  /** Several streams share what fits on the link, so none takes more than a part of it in its turn. */
  get #chunkBytes(): number {
    const share = Math.floor(this.#window.sizeBytes / CHUNKS_ON_THE_WAY)
    return Math.min(this.#limits.chunkBytes, Math.max(MIN_CHUNK_BYTES, share))
  }

  /** Returns the number of bytes sent, 0 if nothing was waiting. A data frame has at most `maxBytes`. */
  #sendOne(link: Link, maxBytes: number): number {
    const frame = this.#log.take() ?? this.#cut(Math.min(maxBytes, this.#chunkBytes))
    if (frame === undefined) return 0
    this.#window.onSent(this.#log.next)
    this.#companion?.piggyback()
    link.queue(frame.head, frame.body)
    this.#overdue?.onSent()
    return sizeOf(frame)
  }

  /**
   * The next data frame. It enters the log before `afterTake` is called, because that call may append the stream's
   * END.
   */
  #cut(maxBytes: number): LoggedFrame | undefined {
    if (!this.#window.hasRoom(this.#log.bytesOf('data'))) return undefined
    const channel = this.#data?.takeTurn()
    if (channel === undefined) return undefined
    const { head, body, payloadBytes } = channel.takeFrame(maxBytes)
    this.#log.append({ head, body, kind: 'data', owner: channel, payloadBytes })
    const frame = this.#log.take()
    channel.afterTake()
    return frame
  }
}
