import { type ChannelShell, type ProxyError, type StreamChannel, withoutStack } from '@swarmway/proxy-protocol'

/** What waits for a client before the other is no longer read. */
const HIGH_WATER_BYTES = 64 * 1024

/** Is notified when nothing more is sent to the client of an end. */
export interface SpliceEndOwner {
  onEnd(): void
}

/** Counts streams that end with an error. */
export interface ResetCounter {
  countReset(error: Error): void
}

/** For the stream to another server: the one to the client counts. */
export const UNCOUNTED: ResetCounter = { countReset: () => undefined }

/**
 * The stream of one of two clients that are connected to each other, or the stream to the server that serves one of them.
 * What arrives is written to the other end at once, so it is a bare channel: a large server has tens of thousands of them.
 */
export class SpliceEnd implements ChannelShell {
  /** Whether nothing more is sent to the client. */
  hasEnded = false
  readonly #resets: ResetCounter
  readonly #channel: StreamChannel
  #other: SpliceEnd | null = null
  #owner: SpliceEndOwner | null = null
  #failure: ProxyError | null = null

  /** `open` opens the stream for this shell. @throws what `open` throws */
  constructor(resets: ResetCounter, open: (shell: ChannelShell) => StreamChannel) {
    this.#resets = resets
    this.#channel = open(this)
  }

  get bufferedBytes(): number {
    return this.#channel.unsentBytes
  }

  get unreadBytes(): number {
    return this.#channel.unreadBytes
  }

  /** From now on, what arrives here goes there. */
  join(other: SpliceEnd, owner: SpliceEndOwner): void {
    this.#other = other
    this.#owner = owner
    if (this.#failure === null) this.onReadable()
    else other.reset(forTheOther(this.#failure))
  }

  /** Resets the client's stream. */
  reset(error: ProxyError): void {
    const isOver = this.#failure !== null || (this.hasEnded && this.#channel.drained)
    if (isOver) return
    this.#channel.abandon(error)
    this.#fail(error)
  }

  onReadable(): void {
    const other = this.#other
    if (other === null) return
    while (other.#hasRoom) {
      const chunk = this.#channel.pull()
      if (chunk === null) break
      other.#channel.write([chunk])
    }
    if (this.#channel.drained) other.#finish()
  }

  onWritten(): void {
    this.#other?.onReadable()
  }

  onFailure(error: ProxyError): void {
    this.#fail(error)
    this.#other?.reset(forTheOther(error))
  }

  get #hasRoom(): boolean {
    return this.#failure === null && this.bufferedBytes < HIGH_WATER_BYTES
  }

  /** Ends the direction to the client as soon as everything is on its way. */
  #finish(): void {
    if (this.hasEnded || this.bufferedBytes > 0) return
    this.#channel.finish()
    this.#end()
  }

  #fail(error: ProxyError): void {
    this.#failure = error
    this.#resets.countReset(error)
    this.#end()
  }

  #end(): void {
    this.hasEnded = true
    this.#owner?.onEnd()
  }
}

/** A reset by one client is passed to the other unchanged; the end of a client's session only ends its streams. */
function forTheOther(reason: ProxyError): ProxyError {
  if (reason.remote || reason.code === 'BUFFER_LIMIT') return reason
  return withoutStack('STREAM_RESET', 'the peer is gone', { cause: reason })
}
