import type { PayloadCodec } from '@swarmway/swarm/core'

/** A handshake payload as a client sees it: bytes that are the server's and the remote node's business. */
export interface OpaquePayload {
  readonly bytes: Uint8Array
  /** Whether the admission refused the handshake with a reason. */
  isRefused: boolean
}

/** The payload with these bytes. */
export function opaque(bytes: Uint8Array): OpaquePayload {
  return { bytes, isRefused: false }
}

/** Passes payloads through. */
export const opaqueCodec: PayloadCodec = {
  encode: (payload) => (payload as OpaquePayload).bytes,
  decode: opaque,
  // What the payload offers is for the server to judge.
  isOffer: () => true,
  refuse: (payload) => Object.assign(payload, { isRefused: true })
}
