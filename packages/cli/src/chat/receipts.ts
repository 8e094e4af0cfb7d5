import type { Channel } from '../shared/channel/channel.js'
import { decodeCredit, encodeCredit } from '../shared/channel/credit.js'
import { MESSAGE } from './wire.js'

/**
 * Counts the messages under way to a member, and tells it how many of its own have arrived. The transport does not know: it may
 * end at a proxy server, which has them while the member behind it is dead.
 */
export class Receipts {
  readonly #channel: Channel
  #unheardCount = 0
  /** Messages that have arrived, and that the member does not know of. */
  #owedCount = 0
  #isTelling = false

  constructor(channel: Channel) {
    this.#channel = channel
  }

  /** Whether something said has not arrived. */
  get isUnheard(): boolean {
    return this.#unheardCount > 0
  }

  onSent(count: number): void {
    this.#unheardCount += count
  }

  /** The member has heard more. Returns false if the message makes no sense. */
  onHeard(payload: Uint8Array): boolean {
    const count = decodeCredit(payload) ?? Number.POSITIVE_INFINITY
    if (count > this.#unheardCount) return false
    this.#unheardCount -= count
    return true
  }

  /** A message has arrived. One that sends without reading gets one receipt for all of it. */
  onArrived(): void {
    this.#owedCount++
    if (!this.#isTelling) void this.#tell()
  }

  async #tell(): Promise<void> {
    this.#isTelling = true
    while (this.#owedCount > 0 && !this.#channel.isClosed) {
      const count = this.#owedCount
      this.#owedCount = 0
      if (!this.#channel.send(MESSAGE.heard, encodeCredit(count))) await this.#channel.drained()
    }
    this.#isTelling = false
  }
}
