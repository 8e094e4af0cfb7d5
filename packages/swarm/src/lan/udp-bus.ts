import type { Address } from '../network/dht-node.js'
import type { MulticastBus } from './bus.js'
import { GroupSocket } from './group-socket.js'
import { isOnLink, linkOf, listInterfaces } from './interfaces.js'
import { type LanOptions, MDNS } from './options.js'
import { type OnPacket, UdpLink } from './udp-link.js'

/** UDP multicast on the interfaces of this host, as they come and go. */
export class UdpBus implements MulticastBus {
  readonly #group: Address
  readonly #choice: readonly string[] | null
  readonly #links = new Map<string, UdpLink>()
  readonly #closing = new Set<Promise<void>>()
  #socket: GroupSocket | null = null
  #onPacket: OnPacket | null = null

  constructor(options: LanOptions) {
    this.#group = { host: options.multicastAddress ?? MDNS.address, port: options.multicastPort ?? MDNS.port }
    const choice = options.interface
    this.#choice = choice === undefined ? null : typeof choice === 'string' ? [choice] : [...choice]
  }

  open(onPacket: OnPacket): void {
    this.#onPacket = onPacket
    this.refresh()
  }

  refresh(): void {
    if (this.#onPacket === null) return
    const present = new Map(listInterfaces(this.#choice).map((link) => [link.address, link]))
    for (const [address, link] of this.#links) {
      if (present.get(address)?.netmask !== link.netmask || !link.isOpen) this.#drop(address, link)
    }
    for (const [address, link] of present) {
      if (!this.#links.has(address)) this.#links.set(address, new UdpLink(link, this.#receive))
    }
    if (this.#socket?.isOpen !== true) this.#socket = new GroupSocket(this.#group, this.#receive)
    this.#socket.join([...present.keys()])
  }

  multicast(packet: Uint8Array): void {
    for (const link of this.#links.values()) link.send(packet, this.#group)
  }

  unicast(packet: Uint8Array, to: Address): void {
    linkOf(to.host, this.#links.values())?.send(packet, to)
  }

  isLocal(host: string): boolean {
    return isOnLink(host, this.#links.values())
  }

  async close(): Promise<void> {
    this.#onPacket = null
    for (const [address, link] of this.#links) this.#drop(address, link)
    if (this.#socket !== null) this.#wait(this.#socket.close())
    this.#socket = null
    await Promise.all(this.#closing)
  }

  /** Hosts off the local network are ignored, so nobody can make us send packets to other networks. */
  readonly #receive: OnPacket = (packet, from) => {
    if (this.#onPacket !== null && this.isLocal(from.host)) this.#onPacket(packet, from)
  }

  #drop(address: string, link: UdpLink): void {
    this.#links.delete(address)
    this.#wait(link.close())
  }

  #wait(closed: Promise<void>): void {
    this.#closing.add(closed)
    void closed.then(() => this.#closing.delete(closed))
  }
}
