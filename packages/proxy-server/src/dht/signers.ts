import { SIGN_KIND, type SignBody, type SignKind } from '@swarmway/proxy-protocol'
import { denied, plainly } from '../errors.js'
import type { DhtSigner, DhtSigners } from './hyperdht.js'
import { announceMessage, verifySignature } from './native.js'

/** Requests a signature from a client. */
export type Sign = (body: SignBody) => Promise<Uint8Array>

/** Signers that use `sign` for what HyperDHT announces. */
export function signersFor(sign: Sign): DhtSigners {
  return { signAnnounce: signer(SIGN_KIND.ANNOUNCE, sign), signUnannounce: signer(SIGN_KIND.UNANNOUNCE, sign) }
}

/**
 * Requests a signature and checks it. Nodes do not answer a request with a wrong one, and it would be sent four times.
 * Rejects with `AUTH_DENIED` if it is wrong, or as `sign` does.
 */
export async function signedBy(sign: Sign, body: SignBody): Promise<Uint8Array> {
  const signature = await sign(body)
  if (!verifySignature(signature, announceMessage(body), body.publicKey))
    throw denied('the signature of this announcement is not valid')
  return signature
}

function signer(kind: SignKind, sign: Sign): DhtSigner {
  return (target, token, nodeId, { peer }) =>
    plainly(() => {
      const { publicKey, relayAddresses } = peer
      return signedBy(sign, { kind, publicKey, target, nodeId, token, relayAddresses })
    })
}
