import { createSocket, type Socket } from '#lan-platform'
import type { Address } from '../network/dht-node.js'
import type { LocalInterface } from './interfaces.js'

/** Packets are for the local network: routers must not forward them. */
const HOPS = 1

/** Takes a packet and its sender. */
export type OnPacket = (packet: Uint8Array, from: Address) => void

/**
 * The socket of one interface: everything we send there leaves by it, and answers come back to it. It has a separate
 * port: if several programs share a port, only one of them receives unicast packets.
 */
export class UdpLink implements LocalInterface {
  readonly address: string
  readonly netmask: string
  /** False once the interface or the socket has failed. */
  isOpen = true
  readonly #socket: Socket
  readonly #closed: Promise<void>
  #resolveClosed: () => void = ignore
  #isBound = false
  #early: Array<() => void> = []

  constructor({ address, netmask }: LocalInterface, onPacket: OnPacket) {
    this.address = address
    this.netmask = netmask
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#socket = createSocket({ type: 'udp4' })
    this.#socket.on('error', () => void this.close())
    this.#socket.on('message', (packet, from) => onPacket(packet, { host: from.address, port: from.port }))
    this.#socket.bind({ port: 0, address, exclusive: true }, () => this.#onBound())
  }

  send(packet: Uint8Array, to: Address): void {
    if (!this.isOpen) return
    // A packet that cannot be sent counts as lost.
    const send = () => this.#socket.send(packet, to.port, to.host, ignore)
    if (this.#isBound) send()
    else this.#early.push(send)
  }

  close(): Promise<void> {
    if (this.isOpen) {
      this.isOpen = false
      this.#early = []
      this.#socket.close(() => this.#resolveClosed())
    }
    return this.#closed
  }

  #onBound(): void {
    if (!this.isOpen) return
    try {
      this.#socket.setMulticastInterface(this.address)
      this.#socket.setMulticastTTL(HOPS)
      // Swarms on one host find each other as well.
      this.#socket.setMulticastLoopback(true)
    } catch {
      void this.close()
      return
    }
    this.#isBound = true
    for (const send of this.#early.splice(0)) send()
  }
}

function ignore(): void {}
