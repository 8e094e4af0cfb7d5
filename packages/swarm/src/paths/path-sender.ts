import type { Path } from './path.js'
import { SendBuffer } from './send-buffer.js'

/** Bytes written and not yet sent, from which on the writer has to wait. */
const MAX_UNSENT_BYTES = 64 * 1024

/** Checks, see path-watch.ts, for which what was sent on another path may make no progress. */
const MAX_STUCK = 3

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
  /** The end of what was ever sent. */
  maxSentOffset = 0
  readonly #listener: SenderListener
  #startCount = 0
  /** Where the next bytes to send begin. */
  #sentOffset = 0
  /** Where those sent on the current path began. */
  #startOffset = 0
  #checkedOffset = 0
  #stuckChecks = 0
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
    return this.#sentOffset < this.outgoing.ackedOffset
  }

  /** Sends on `path`: what follows, or from `offset` on. Data on other paths that belong behind it are dropped by the peer. */
  startOn(path: Path, offset = this.#sentOffset): void {
    this.active = path
    this.#sentOffset = this.#startOffset = offset
    this.#hasSentEnd = false
    path.send({ type: 'start', order: ++this.#startCount, offset })
  }

  /**
   * Asked at each check: whether what another path was to bring does not arrive, although that path seems to be alive. The
   * network behind it may be gone, or a proxy server may have dropped it.
   */
  isStuck(): boolean {
    const { ackedOffset } = this.outgoing
    const isWaiting = ackedOffset < this.#startOffset && ackedOffset === this.#checkedOffset
    this.#stuckChecks = isWaiting ? this.#stuckChecks + 1 : 0
    this.#checkedOffset = ackedOffset
    return this.#stuckChecks >= MAX_STUCK
  }

  /** Sends what can be sent. */
  pump(): void {
    const { active, outgoing } = this
    while (active.transport.isWritable) {
      const parts = outgoing.read(this.#sentOffset, active.transport.maxDataBytes)
      if (parts.length === 0) break
      const byteLength = active.transport.sendData(parts)
      this.#sentOffset += byteLength
      this.#listener.onSent(active.id, byteLength)
      active.sentOffset = this.#sentOffset
      this.maxSentOffset = Math.max(this.maxSentOffset, this.#sentOffset)
    }
    this.#sendEnd()
    if (outgoing.endOffset - this.#sentOffset < MAX_UNSENT_BYTES) this.#listener.onRoom()
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
    outgoing.ack(isEndAcked ? outgoing.endOffset : received, Math.max(limit, received), this.maxSentOffset)
    return isEndAcked
  }

  #sendEnd(): void {
    if (!this.#isFinishing || this.#hasSentEnd || this.#sentOffset < this.outgoing.endOffset) return
    this.#hasSentEnd = this.#mayAckEnd = true
    this.active.send({ type: 'end', total: this.outgoing.endOffset })
  }
}
