import b4a from 'b4a'

const LABEL = b4a.from('swarmway proxy listen v1')

/**
 * What a client signs, with the key that it wants to listen on, to prove that it holds it: a label that no other
 * signature has, the nonce that the server made for this session, and the key.
 */
export function listenProofMessage(serverNonce: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return b4a.concat([LABEL, serverNonce, publicKey])
}
