import { createSocket, type Socket } from '#lan-platform'
import type { Address } from '../network/dht-node.js'
import type { OnPacket } from './udp-link.js'

/** Receives packets for the multicast group. The port is shared with other programs and other swarms. */
export class GroupSocket {
  isOpen = true
  readonly #group: Address
  readonly #socket: Socket
  readonly #closed: Promise<void>
  #resolveClosed: () => void = ignore
  #isBound = false
  #interfaces: string[] = []

  constructor(group: Address, onPacket: OnPacket) {
    this.#group = group
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#socket = createSocket({ type: 'udp4', reuseAddr: true })
    this.#socket.on('error', () => void this.close())
    this.#socket.on('message', (packet, from) => onPacket(packet, { host: from.address, port: from.port }))
    this.#socket.bind({ port: group.port, exclusive: true }, () => this.#onBound())
  }

  /** Receives on these interfaces. Call it again whenever they may have changed. */
  join(interfaces: string[]): void {
    this.#interfaces = interfaces
    if (!this.#isBound || !this.isOpen) return
    for (const address of interfaces) this.#add(address)
  }

  close(): Promise<void> {
    if (this.isOpen) {
      this.isOpen = false
      this.#socket.close(() => this.#resolveClosed())
    }
    return this.#closed
  }

  #onBound(): void {
    this.#isBound = true
    this.join(this.#interfaces)
  }

  /** An interface that went and came back has lost its membership silently; one that still has it throws an error. */
  #add(address: string): void {
    try {
      this.#socket.addMembership(this.#group.host, address)
    } catch {
      // Either still a member or not ready yet, and then the next round tries again.
    }
  }
}

function ignore(): void {}
