import { FRAME_KIND } from './frame-reader.js'
import type { Path } from './path.js'
import { SendBuffer } from './send-buffer.js'

/** Bytes written and not yet sent, from which on the writer has to wait. */
const MAX_UNSENT_BYTES = 64 * 1024

/** What a sender reports. */
export interface SenderListener {
  /** More can be written. */
  onRoom(): void
  /** Data were sent on a path. */
  onSent(pathId: number, byteLength: number): void
}

/** Sends what is written, on one path at a time. Another path can take over at any byte. */
export class PathSender {
  /** The path that we send on. */
  active: Path
  /** What has been written. */
  readonly outgoing = new SendBuffer()
  readonly #listener: SenderListener
  #startCount = 0
  #isFinishing = false
  /** Whether the end was sent on the current path. */
  #hasSentEnd = false
  /** Whether it was sent at all. */
  #mayAckEnd = false

  constructor(first: Path, listener: SenderListener) {
    this.active = first
    this.#listener = listener
  }

  /** Whether the peer has everything, the end perhaps excepted, and was sent that too. */
  get isAllAcked(): boolean {
    return this.#mayAckEnd && this.outgoing.ackedOffset === this.outgoing.endOffset
  }

  /** Whether what would be sent next has arrived after all. */
  get isBehind(): boolean {
    return this.outgoing.sentOffset < this.outgoing.ackedOffset
  }

  /** Sends what is not acknowledged on `path`, whether it was sent before or not. The peer drops what others still bring. */
  startOn(path: Path): void {
    this.active = path
    this.#hasSentEnd = false
    this.outgoing.rewind()
    path.send({ type: 'start', order: ++this.#startCount, offset: this.outgoing.ackedOffset })
  }

  /** Sends what can be sent. */
  pump(): void {
    const { active, outgoing } = this
    while (active.transport.isWritable) {
      const parts = outgoing.take(active.transport.maxDataBytes)
      if (parts.length === 0) break
      this.#listener.onSent(active.id, active.transport.send(FRAME_KIND.data, parts))
    }
    this.#sendEnd()
    if (outgoing.endOffset - outgoing.sentOffset < MAX_UNSENT_BYTES) this.#listener.onRoom()
  }

  /** Nothing more will be written. */
  finish(): void {
    this.#isFinishing = true
    this.pump()
  }

  /** The peer has acknowledged. Returns whether that includes the end. Throws PATH_VIOLATION if it cannot be. */
  ack(received: number, limit: number): boolean {
    const { outgoing } = this
    const isEndAcked = this.#mayAckEnd && received === outgoing.endOffset + 1
    outgoing.ack(isEndAcked ? outgoing.endOffset : received, Math.max(limit, received))
    return isEndAcked
  }

  #sendEnd(): void {
    if (!this.#isFinishing || this.#hasSentEnd || this.outgoing.sentOffset < this.outgoing.endOffset) return
    this.#hasSentEnd = this.#mayAckEnd = true
    this.active.send({ type: 'end', total: this.outgoing.endOffset })
  }
}
