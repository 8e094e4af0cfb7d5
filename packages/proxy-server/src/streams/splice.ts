import { type PeerStream, ProxyError } from '@swarmway/proxy-protocol'
import type { Owner } from '../fairness/fair-queue.js'
import type { BufferBudget, Buffered } from './budget.js'

/** Joins the streams of two clients of this server. Each is read only as fast as the other accepts data. */
export class Splice implements Buffered {
  readonly kind = 'splice'
  readonly owner: Owner
  readonly #streams: readonly [PeerStream, PeerStream]
  readonly #budget: BufferBudget

  /** `owner`: the client that dialled. */
  constructor(owner: Owner, a: PeerStream, b: PeerStream, budget: BufferBudget) {
    this.owner = owner
    this.#streams = [a, b]
    this.#budget = budget
    budget.add(this)
    this.#carry(a, b)
    this.#carry(b, a)
  }

  get bufferedBytes(): number {
    return this.#streams.reduce((sum, stream) => sum + stream.bufferedBytes + stream.unreadBytes, 0)
  }

  /** The windows of the two streams are the limit. */
  limitTo(): void {}

  fail(error: ProxyError): void {
    for (const stream of this.#streams) stream.destroy(error)
  }

  #carry(from: PeerStream, to: PeerStream): void {
    let reason: Error | null = null
    let hasEnded = false
    from.on('data', (chunk) => {
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => from.resume())
    from.on('end', () => {
      hasEnded = true
      to.end()
    })
    from.on('error', (error) => {
      reason = error
    })
    from.on('close', () => {
      this.#budget.delete(this)
      if (!hasEnded || reason !== null) to.destroy(forTheOther(reason))
    })
  }
}

/** A reset by one client is passed to the other unchanged; the end of a client's session only ends its streams. */
function forTheOther(reason: Error | null): ProxyError {
  if (reason instanceof ProxyError && (reason.remote || reason.code === 'BUFFER_LIMIT')) return reason
  return new ProxyError('STREAM_RESET', 'the peer is gone', { cause: reason })
}
