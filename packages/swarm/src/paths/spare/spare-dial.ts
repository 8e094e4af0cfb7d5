import type { Identity } from '../../handshake/identity.js'
import { ExtendedHandshake, type HandshakePart, type PayloadCodec } from '../../handshake/noise.js'
import type { Connection } from '../../network/connection.js'
import type { DhtNode } from '../../network/dht-node.js'
import type { PeerInfo } from '../../peers/peer-info.js'

/** What the dials of replacements need. */
export interface SpareDialContext {
  readonly node: DhtNode
  /** Null when the node's handshake payload is unknown, so that nothing can be asked for. */
  readonly codec: PayloadCodec | null
  readonly identity: Identity
}

/**
 * Dials a peer that is connected already, for another path of that connection: a handshake with field 7, which the peer
 * repeats if it agrees. If it does not, the connection closes. Throws what the node throws.
 */
export function dialSpare(
  { codec, identity, node }: SpareDialContext,
  { publicKey, relayAddresses }: PeerInfo,
  pathId: number,
  onOpen: (connection: Connection) => void
): Connection {
  if (codec === null) throw new Error('a replacement needs a payload codec')
  let isAgreed = false
  const part: HandshakePart = {
    hello: () => ({ ...identity.hello([], null), sparePathId: pathId }),
    received: (hello) => {
      isAgreed = hello?.sparePathId === pathId
    },
    malformed: ignore
  }
  const connection = node.connect(publicKey, {
    keyPair: identity.keyPair,
    relayAddresses,
    createHandshake: (keyPair, remotePublicKey) => new ExtendedHandshake(keyPair, remotePublicKey, codec, part)
  })
  connection.on('error', ignore)
  connection.on('open', () => (isAgreed ? onOpen(connection) : connection.destroy()))
  return connection
}

function ignore(): void {}
