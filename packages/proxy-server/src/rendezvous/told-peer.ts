import { type FoundPeer, MAX_ADDRESSES } from '@swarmway/proxy-protocol'
import { invalidArgument } from '@swarmway/swarm/core'
import type { DhtAddress } from '../dht/hyperdht.js'

/** Checks a topic given by the application. @throws TypeError */
export function topic32(topic: unknown): Uint8Array {
  return bytes32('topic', topic)
}

/** Checks a peer that the application reports to clients. @throws TypeError that names the bad argument */
export function toldPeer(publicKey: unknown, relayAddresses: readonly DhtAddress[] = []): FoundPeer {
  const isFine = Array.isArray(relayAddresses) && relayAddresses.length <= MAX_ADDRESSES
  if (isFine && relayAddresses.every(isAddress))
    return { publicKey: bytes32('publicKey', publicKey), relayAddresses: [...relayAddresses] }
  const expected = `an array of at most ${MAX_ADDRESSES} objects with an IPv4 address as host and a port`
  throw invalidArgument('relayAddresses', expected, relayAddresses)
}

function bytes32(name: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array && value.byteLength === 32) return value
  throw invalidArgument(name, 'a Uint8Array of 32 bytes', value)
}

function isAddress(value: unknown): value is DhtAddress {
  const { host, port } = (value ?? {}) as Partial<DhtAddress>
  const isHost = typeof host === 'string' && /^\d{1,3}(\.\d{1,3}){3}$/.test(host)
  return isHost && Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536
}
