import type { Address } from '../network/dht-node.js'

/** Carries packets between the hosts of a local network. Tests replace the sockets with a fake one. */
export interface MulticastBus {
  /** Starts taking part. `onPacket` gets what hosts of the same network send, and our own multicasts. */
  open(onPacket: (packet: Uint8Array, from: Address) => void): void
  /** Updates the list of network interfaces and uses the current ones. */
  refresh(): void
  /** Sends to all hosts that take part. Lost packets are not an error. */
  multicast(packet: Uint8Array): void
  /** Sends to the sender of a packet. */
  unicast(packet: Uint8Array, to: Address): void
  /** Whether a host is on the local network. */
  isLocal(host: string): boolean
  /** Stops taking part immediately. Resolves when everything is closed; `open` may be called before that. */
  close(): Promise<void>
}
