import type { Duplex } from 'node:stream'
import type { Clock } from '@swarmway/proxy-protocol'
import { isLoopback } from './network-of.js'
import { NetworkTurns } from './network-turns.js'

/** A connection of a stranger. */
export type ArrivingSocket = Pick<Duplex, 'destroy' | 'destroyed' | 'off' | 'on' | 'once'>

/** Connections of strangers, which wait in turn by network for what is done when one arrives. */
export class Arrivals {
  readonly #turns: NetworkTurns
  readonly #waiting = new Set<ArrivingSocket>()

  /** Lets in `perSecond` of each network. */
  constructor(perSecond: number, clock: Clock) {
    this.#turns = new NetworkTurns(perSecond, clock, 'a connection')
  }

  /** Number of those that wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** Calls `begin` when it is the network's turn: now, or later. Never if the socket ends before. */
  add(network: string, socket: ArrivingSocket, begin: () => void): void {
    const ended = new AbortController()
    const turn = isLoopback(network) ? null : this.#turns.turn({ network }, ended.signal)
    if (turn === null) begin()
    else void this.#wait(socket, ended, turn).then(() => socket.destroyed || begin())
  }

  /** Closes the connections that wait. */
  destroy(): void {
    for (const socket of this.#waiting) socket.destroy()
  }

  async #wait(socket: ArrivingSocket, ended: AbortController, turn: Promise<void>): Promise<void> {
    // Nobody else listens yet.
    const end = (): void => {
      ended.abort()
      socket.destroy()
    }
    socket.on('error', ignore)
    for (const event of ['end', 'close']) socket.once(event, end)
    this.#waiting.add(socket)
    await turn.catch(ignore)
    for (const event of ['end', 'close']) socket.off(event, end)
    this.#waiting.delete(socket)
  }
}

function ignore(): void {}
