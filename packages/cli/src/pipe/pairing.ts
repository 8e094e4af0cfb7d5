import type { Connection } from '@swarmway/swarm'
import b4a from 'b4a'
import { Channel, type Receiver } from '../shared/channel/channel.js'
import { MESSAGE } from './wire.js'

/** How a {@link Pairing} ends. */
export interface PairingListener {
  /** This peer is the partner. Set the channel's receiver before this returns. */
  onPaired(channel: Channel): void
  /** Two others are already paired. */
  onTaken(): void
}

/**
 * Picks exactly one peer among all that know the name. The peer with the lesser key offers, to one at a time. A
 * peer with a pending offer answers the offers of others once its own is settled. Offers go from lesser to greater keys
 * only, so no ring of peers can wait for each other.
 */
export class Pairing {
  readonly #publicKey: Uint8Array
  readonly #listener: PairingListener
  /** Peers we can offer to, in order of arrival. */
  readonly #candidates = new Set<Channel>()
  /** Peers that have offered and wait for the answer. */
  readonly #suitors = new Set<Channel>()
  readonly #others = new Set<Channel>()
  #offered: Channel | null = null
  #isOver = false

  constructor(publicKey: Uint8Array, listener: PairingListener) {
    this.#publicKey = publicKey
    this.#listener = listener
  }

  /** A connection to a peer that knows the name. */
  add(connection: Connection): void {
    const channel: Channel = new Channel(
      connection,
      this.#receiverFor(() => channel)
    )
    if (this.#isOver) this.#refuse(channel)
    else this.#consider(channel)
  }

  #receiverFor(channel: () => Channel): Receiver {
    return {
      onMessage: (type) => this.#onMessage(channel(), type),
      onClose: () => this.#onClose(channel())
    }
  }

  #consider(channel: Channel): void {
    this.#others.add(channel)
    if (b4a.compare(this.#publicKey, channel.remotePublicKey) > 0) return
    this.#candidates.add(channel)
    this.#offerNext()
  }

  #onMessage(channel: Channel, type: number): void {
    if (this.#isOver) return
    if (type === MESSAGE.taken) this.#onTaken()
    else if (type === MESSAGE.offer) this.#onOffer(channel)
    else if (type === MESSAGE.accept && channel === this.#offered) this.#pair(channel)
    else channel.destroy()
  }

  #onOffer(channel: Channel): void {
    this.#suitors.add(channel)
    this.#answerSuitors()
  }

  #onTaken(): void {
    this.#isOver = true
    this.#listener.onTaken()
  }

  #onClose(channel: Channel): void {
    for (const set of [this.#candidates, this.#suitors, this.#others]) set.delete(channel)
    if (channel !== this.#offered) return
    this.#offered = null
    this.#offerNext()
    this.#answerSuitors()
  }

  #offerNext(): void {
    const [next] = this.#candidates
    if (this.#isOver || this.#offered !== null || next === undefined) return
    this.#candidates.delete(next)
    this.#offered = next
    next.send(MESSAGE.offer)
  }

  #answerSuitors(): void {
    const [first] = this.#suitors
    if (this.#isOver || this.#offered !== null || first === undefined) return
    first.send(MESSAGE.accept)
    this.#pair(first)
  }

  #pair(channel: Channel): void {
    this.#isOver = true
    this.#others.delete(channel)
    for (const other of this.#others) this.#refuse(other)
    this.#listener.onPaired(channel)
  }

  #refuse(channel: Channel): void {
    channel.send(MESSAGE.taken)
    channel.end()
  }
}
