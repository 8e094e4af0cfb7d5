import type { Address } from '../../network/dht-node.js'
import { isSendable } from '../../network/node-address.js'
import { override } from './override.js'

/**
 * Most bytes of a message from a relay chosen by a peer. Messages of the relay protocol have about 100. With larger
 * ones, Protomux would unpack nested batches until the stack overflows, which ends the process.
 */
const MAX_RELAY_MESSAGE_BYTES = 4096
/** Most relay addresses of a peer to keep for the next dial to it. Honest peers name three. */
const MAX_CACHED_ADDRESSES = 16

/** The guarded part of a connection. */
interface SecretStream {
  push(bytes: Uint8Array | null): boolean
  destroy(): void
}

type Connect = (publicKey: Uint8Array, options?: object) => SecretStream

/** Keys of relays that peers have named in their handshakes. */
const named = new WeakSet<Uint8Array>()

/** Remembers that the relay in a received payload, if there is one, was chosen by a stranger. */
export function rememberRelay(payload: object): void {
  const { relayThrough } = payload as { relayThrough?: { publicKey: Uint8Array } | null }
  if (relayThrough) named.add(relayThrough.publicKey)
}

/** HyperDHT connects to the relay that a peer names, using the very object from the payload. */
export function guardRelayConnections(node: object): boolean {
  return override<Connect>(node, 'connect', (connect) => (publicKey, options) => {
    const stream = connect(publicKey, options)
    if (!named.has(publicKey)) return stream
    override<SecretStream['push']>(stream, 'push', (push) => (bytes) => {
      if (bytes === null || bytes.byteLength <= MAX_RELAY_MESSAGE_BYTES) return push(bytes)
      stream.destroy()
      return false
    })
    return stream
  })
}

/** Relay addresses come from peers, as many as fit into a packet, and HyperDHT keeps those of 512 peers. */
export function guardRelayCache(cache: unknown): boolean {
  return override<(key: string, addresses: Address[]) => unknown>(cache, 'set', (set) => (key, addresses) => {
    return set(key, addresses.filter(isSendable).slice(0, MAX_CACHED_ADDRESSES))
  })
}
