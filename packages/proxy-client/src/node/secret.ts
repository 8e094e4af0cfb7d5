import NoiseSecretStream from '@hyperswarm/secret-stream'
import type { Connection, KeyPair, NodeHandshake } from '@swarmway/swarm/core'

/** The result of a finished handshake. Everything except `holepunchSecret` stays here. */
export interface FinishedHandshake {
  publicKey: Uint8Array
  remotePublicKey: Uint8Array
  holepunchSecret: Uint8Array
  hash: Uint8Array
  tx: Uint8Array
  rx: Uint8Array
  /** Whether the connection may have several paths. */
  hasPaths?: boolean
}

/** The result of a handshake. Throws HANDSHAKE_MALFORMED if it is not complete. */
export function finish(handshake: NodeHandshake): FinishedHandshake {
  return handshake.final() as FinishedHandshake
}

/** Hides the keep-alives of the peer from the application, also in a stream that sends none. */
const HIDE = { filterZeroByteMessages: true }

/** The connection that a dial returns immediately. */
export function pendingConnection(
  keyPair: KeyPair,
  remotePublicKey: Uint8Array,
  keepAliveMs: number
): NoiseSecretStream {
  const { publicKey } = keyPair
  const keys = { publicKey, remotePublicKey }
  return new NoiseSecretStream(true, null, { ...keys, ...HIDE, autoStart: false, keepAlive: keepAliveMs })
}

/** The connection of an accepted handshake. */
export function acceptedConnection(stream: object, handshake: FinishedHandshake, keepAliveMs: number): Connection {
  return asConnection(new NoiseSecretStream(false, stream, { ...HIDE, handshake, keepAlive: keepAliveMs }))
}

/** The part of a secret stream that applications use. */
export function asConnection(stream: NoiseSecretStream): Connection {
  return stream as unknown as Connection
}
