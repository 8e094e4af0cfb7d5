import type { ProxyError } from '@swarmway/proxy-protocol'
import type { Client } from '../client/client.js'
import type { BufferBudget, Buffered } from './budget.js'
import type { SpliceEnd } from './splice-end.js'

/**
 * Joins the streams of two clients of this server, or of a client and of the server at which the other one is. Each is read
 * only as fast as the other accepts data.
 */
export class Splice implements Buffered {
  readonly kind = 'splice'
  /** The client that dialled; of two servers, the client at this one. */
  readonly owner: Client
  readonly #ends: readonly [SpliceEnd, SpliceEnd]
  readonly #budget: BufferBudget

  constructor(owner: Client, [dialled, accepted]: readonly [SpliceEnd, SpliceEnd], budget: BufferBudget) {
    this.owner = owner
    this.#ends = [dialled, accepted]
    this.#budget = budget
    budget.add(this)
    dialled.join(accepted, this)
    accepted.join(dialled, this)
  }

  get bufferedBytes(): number {
    return this.#ends.reduce((sum, { bufferedBytes, unreadBytes }) => sum + bufferedBytes + unreadBytes, 0)
  }

  /** The windows of the two streams are the limit. */
  limitTo(): void {}

  fail(error: ProxyError): void {
    for (const end of this.#ends) end.reset(error)
  }

  /** @internal From an end: nothing more is sent to its client. */
  onEnd(): void {
    if (this.#ends.every(({ hasEnded }) => hasEnded)) this.#budget.delete(this)
  }
}
