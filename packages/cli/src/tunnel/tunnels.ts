import type { Socket } from 'node:net'
import type { Channel, Receiver } from '../shared/channel/channel.js'
import { decodeCredit, encodeCredit } from '../shared/channel/credit.js'
import { Tunnel } from './tunnel.js'
import { decodeNumbered, encodeNumbered, MAX_TUNNELS, MESSAGE } from './wire.js'

/** The TCP connections that one connection to a peer carries. */
export class Tunnels implements Receiver {
  readonly #channel: Channel
  readonly #accept: (() => Socket) | null
  readonly #onGone: () => void
  readonly #tunnels = new Map<number, Tunnel>()
  #nextId = 1

  /** `accept` makes the socket for a connection that the other side opens; null if only we open them. */
  constructor(channel: Channel, accept: (() => Socket) | null, onGone: () => void = () => {}) {
    this.#channel = channel
    this.#accept = accept
    this.#onGone = onGone
    channel.receiver = this
  }

  get count(): number {
    return this.#tunnels.size
  }

  /** Carries a socket to the other side. */
  open(socket: Socket): void {
    if (this.count >= MAX_TUNNELS) {
      socket.resetAndDestroy()
      return
    }
    const id = this.#nextId++
    this.#channel.send(MESSAGE.open, encodeNumbered(id))
    this.#carry(id, socket)
  }

  onMessage(type: number, bytes: Uint8Array): void {
    const message = decodeNumbered(bytes)
    if (message === null || !this.#handle(type, message.id, message.payload)) this.#channel.destroy()
  }

  onClose(): void {
    for (const tunnel of this.#tunnels.values()) tunnel.abort()
    this.#tunnels.clear()
    this.#onGone()
  }

  /** Returns false if the message breaks the rules. */
  #handle(type: number, id: number, payload: Uint8Array): boolean {
    if (type === MESSAGE.open) return this.#onOpen(id)
    const tunnel = this.#tunnels.get(id)
    // Its last messages may cross with our reset.
    if (tunnel === undefined) return true
    if (type === MESSAGE.data) return tunnel.onData(payload)
    if (type === MESSAGE.end) tunnel.onEnd()
    else if (type === MESSAGE.reset) tunnel.abort()
    else if (type === MESSAGE.credit) return this.#onCredit(tunnel, decodeCredit(payload))
    else return false
    return true
  }

  #onOpen(id: number): boolean {
    if (this.#accept === null || this.#tunnels.has(id)) return false
    if (this.count >= MAX_TUNNELS) this.#channel.send(MESSAGE.reset, encodeNumbered(id))
    else this.#carry(id, this.#accept())
    return true
  }

  #onCredit(tunnel: Tunnel, bytes: number | null): boolean {
    if (bytes !== null) tunnel.onCredit(bytes)
    return bytes !== null
  }

  #carry(id: number, socket: Socket): void {
    const send = (type: number, payload?: Uint8Array) => this.#channel.send(type, encodeNumbered(id, payload))
    const tunnel = new Tunnel(socket, {
      data: async (chunk) => {
        if (!send(MESSAGE.data, chunk)) await this.#channel.drained()
      },
      end: () => void send(MESSAGE.end),
      reset: () => void send(MESSAGE.reset),
      credit: (bytes) => void send(MESSAGE.credit, encodeCredit(bytes))
    })
    this.#tunnels.set(id, tunnel)
    void tunnel.closed.then(() => {
      if (this.#tunnels.get(id) === tunnel) this.#tunnels.delete(id)
    })
  }
}
