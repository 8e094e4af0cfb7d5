import type { PayloadCodec } from '@swarmway/swarm/core'

/** A handshake payload as the client sees it: bytes that concern only the server and the remote node. */
export interface OpaquePayload {
  readonly bytes: Uint8Array
  /** Whether the admission refused the handshake with a reason. */
  isRefused: boolean
}

/** A payload with these bytes. */
export function opaque(bytes: Uint8Array): OpaquePayload {
  return { bytes, isRefused: false }
}

/** Passes payloads through unchanged. */
export const opaqueCodec: PayloadCodec = {
  encode: (payload) => (payload as OpaquePayload).bytes,
  decode: opaque,
  // The server judges what the payload offers.
  isOffer: () => true,
  refuse: (payload) => Object.assign(payload, { isRefused: true })
}
