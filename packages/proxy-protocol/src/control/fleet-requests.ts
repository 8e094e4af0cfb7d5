/** What two servers of a fleet ask of each other on a link. */
import { bodyOf, record } from './body-codec.js'
import { bytes, flag, key, u32 } from './fields.js'
import type { RequestTable } from './operation.js'

/** OFFER: a handshake message of a client of the asking server for a client of the other. */
export interface OfferBody {
  /** The key of the client that is dialled. */
  publicKey: Uint8Array
  message: Uint8Array
}

/** The answer of OFFER. */
export interface OfferAnswer {
  /** Names the handshake in the meta of the stream that the asking server then opens. */
  offerId: number
  /** Whether the client refuses the connection; the answer then carries the reason. */
  isRefused: boolean
  answer: Uint8Array
}

/** Between servers. Streams are opened by the server that has made the offer. */
export const FLEET_REQUESTS = {
  /** Have a client read a handshake message and answer it. */
  OFFER: {
    number: 70,
    body: bodyOf<OfferBody>('OFFER', record<OfferBody>({ publicKey: key, message: bytes })),
    answer: bodyOf<OfferAnswer>(
      'the answer of OFFER',
      record<OfferAnswer>({ offerId: u32, isRefused: flag, answer: bytes })
    ),
    limits: ['maxPendingHandshakes', 'peerHandshakeTimeoutMs']
  }
} as const satisfies RequestTable

/** The meta of a stream between servers. */
export const fleetStreamMeta = bodyOf<{ offerId: number }>('a stream between servers', record({ offerId: u32 }))
