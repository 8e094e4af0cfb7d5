import type { Address } from '../network/dht-node.js'

/** Carries packets among the hosts of a local network. Tests put a fake one in the place of the sockets. */
export interface MulticastBus {
  /** Begins to take part. `onPacket` gets what hosts of the same network send, and what we multicast ourselves. */
  open(onPacket: (packet: Uint8Array, from: Address) => void): void
  /** Looks which network interfaces there are now, and uses those. */
  refresh(): void
  /** Sends to everybody who takes part. Lost packets are nobody's error. */
  multicast(packet: Uint8Array): void
  /** Sends to the one who sent a packet. */
  unicast(packet: Uint8Array, to: Address): void
  /** Whether a host is on the local network. */
  isLocal(host: string): boolean
  /** Ends taking part, at once. Resolves when nothing is left open; `open` may be called before that. */
  close(): Promise<void>
}
