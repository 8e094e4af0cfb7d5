import { Fifo } from '@swarmway/runtime'

/**
 * The bound that a frame counts towards: stream data (bounded by `maxUnackedBytes`), a response (bounded by the
 * number of requests in flight) or anything else (bounded by `maxControlBytes`).
 */
export type FrameKind = 'data' | 'response' | 'control'

/** Is notified when a frame arrives. */
export interface FrameOwner {
  /** The frame with this many bytes of payload was acknowledged. */
  onAcked(payloadBytes: number): void
  /** The frame was dropped because its session is over. */
  onLost(): void
}

/** A sequenced frame, kept until it is acknowledged. */
export interface LoggedFrame {
  /** The frame, or its first part. */
  readonly head: Uint8Array
  /** The rest, if the payload was too large to copy. */
  readonly body: Uint8Array | null
  /** The bound it counts towards. */
  readonly kind: FrameKind
  /** Notified of the acknowledgement. */
  readonly owner: FrameOwner | null
  /** Passed to the owner. */
  readonly payloadBytes: number
}

/**
 * The sequenced frames of one direction, in the order in which every link must carry them. A frame's number is its
 * place in that order. Acknowledged frames are gone; frames that were handed to a dead link are handed to the next
 * one again.
 *
 *     forgotten | handed over, not acknowledged | not handed over yet
 *               ^ acknowledged                  ^ next                ^ appended
 */
export class FrameLog {
  readonly #frames = new Fifo<LoggedFrame>()
  readonly #bytes: Record<FrameKind, number> = { data: 0, response: 0, control: 0 }
  #acknowledged = 0
  #next = 0
  #highest = 0

  /** Number of frames ever handed to a link. */
  get sent(): number {
    return this.#highest
  }

  /** Number of frames up to the last one handed to the present link. */
  get next(): number {
    return this.#next
  }

  /** Whether a frame that the present link has carried is not acknowledged. */
  get isOwed(): boolean {
    return this.#next > this.#acknowledged
  }

  /** Number of frames kept. */
  get length(): number {
    return this.#frames.length
  }

  /** Bytes kept of one kind. */
  bytesOf(kind: FrameKind): number {
    return this.#bytes[kind]
  }

  /** Adds a frame at the end. */
  append(frame: LoggedFrame): void {
    this.#frames.push(frame)
    this.#bytes[frame.kind] += sizeOf(frame)
  }

  /** The next frame for the link, if there is one. */
  take(): LoggedFrame | undefined {
    const frame = this.#frames.at(this.#next - this.#acknowledged)
    if (frame === undefined) return undefined
    this.#next++
    if (this.#next > this.#highest) this.#highest = this.#next
    return frame
  }

  /**
   * The peer has received `count` frames. Returns false and changes nothing if the count is impossible: lower than an
   * earlier one, or higher than the number sent.
   */
  acknowledge(count: number): boolean {
    if (count < this.#acknowledged || count > this.#highest) return false
    while (this.#acknowledged < count) this.#forget()
    if (this.#next < count) this.#next = count
    return true
  }

  /** A new link: everything unacknowledged is handed over again. Returns the number of those frames. */
  rewind(): number {
    const again = this.#next - this.#acknowledged
    this.#next = this.#acknowledged
    return again
  }

  /** Drops all frames. */
  clear(): void {
    const owners = new Set<FrameOwner>()
    for (let i = 0; i < this.#frames.length; i++) {
      const owner = this.#frames.at(i)?.owner
      if (owner) owners.add(owner)
    }
    this.#frames.clear()
    this.#bytes.data = this.#bytes.response = this.#bytes.control = 0
    for (const owner of owners) owner.onLost()
  }

  #forget(): void {
    const frame = this.#frames.shift()
    this.#acknowledged++
    if (frame === undefined) return
    this.#bytes[frame.kind] -= sizeOf(frame)
    frame.owner?.onAcked(frame.payloadBytes)
  }
}

/** Bytes of a frame, header included. */
export function sizeOf(frame: LoggedFrame): number {
  return frame.head.byteLength + (frame.body === null ? 0 : frame.body.byteLength)
}
