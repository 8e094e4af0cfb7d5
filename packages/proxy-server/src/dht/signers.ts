import { SIGN_KIND, type SignBody, type SignKind } from '@swarmway/proxy-protocol'
import { plainly } from '../errors.js'
import type { DhtSigner, DhtSigners } from './hyperdht.js'

/** Signers that use `sign` for what HyperDHT announces. */
export function signersFor(sign: (body: SignBody) => Promise<Uint8Array>): DhtSigners {
  return { signAnnounce: signer(SIGN_KIND.ANNOUNCE, sign), signUnannounce: signer(SIGN_KIND.UNANNOUNCE, sign) }
}

function signer(kind: SignKind, sign: (body: SignBody) => Promise<Uint8Array>): DhtSigner {
  return (target, token, nodeId, { peer }) =>
    plainly(() => {
      const { publicKey, relayAddresses } = peer
      return sign({ kind, publicKey, target, nodeId, token, relayAddresses })
    })
}
