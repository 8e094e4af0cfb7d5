import { Fifo } from '@swarmway/runtime'

/**
 * Where a stream stands: `none`: nowhere; `first`: it had nothing to send before, and goes first; `next`: it waits
 * behind the others.
 */
export type Turn = 'none' | 'first' | 'next'

/** A stream, as the turns see it. */
export interface Waiting {
  /** Whether it has something to send and may send it. */
  readonly sendable: boolean
  /** Kept by {@link Turns}. */
  turn: Turn
}

/**
 * Whose turn it is to send: the streams with data and credit in a ring, one chunk a turn. A stream that had nothing to
 * send goes ahead of the ring once, so that a small message does not wait for a chunk of every other stream. It then
 * stays in the ring until its turn comes there, also without data: so it gets ahead of each other stream once a round
 * at most. (Flow queueing as in RFC 8290.)
 */
export class Turns<T extends Waiting> {
  readonly #first = new Fifo<T>()
  readonly #next = new Fifo<T>()

  /** Returns false if it has nothing to send, or is in line already. */
  add(stream: T): boolean {
    if (stream.turn !== 'none' || !stream.sendable) return false
    stream.turn = 'first'
    this.#first.push(stream)
    return true
  }

  /** The stream whose turn it is; it is in line again, behind the others. */
  take(): T | undefined {
    for (;;) {
      const stream = this.#first.shift() ?? this.#next.shift()
      if (stream === undefined) return undefined
      const isSendable = stream.sendable
      if (!isSendable && stream.turn === 'next') {
        stream.turn = 'none'
        continue
      }
      stream.turn = 'next'
      this.#next.push(stream)
      if (isSendable) return stream
    }
  }

  clear(): void {
    this.#first.clear()
    this.#next.clear()
  }
}
