import { type BodyCodec, bodyOf, record } from './body-codec.js'
import { bytes, type FoundPeer, key, oneOf, peers, signature, u32 } from './fields.js'
import { STREAM_KIND } from './kinds.js'

/** The answer of requests that are only answered when they are done. What a later version adds to it is ignored. */
export const emptyBody: BodyCodec<void> = {
  layout: '',
  encode: () => new Uint8Array(0),
  decode: () => undefined
}

/** UNLISTEN, FIND_PEER, IMMUTABLE_GET, WATCH, UNWATCH, and the answer of IMMUTABLE_PUT: one 32-byte value. */
export const keyBody = bodyOf<Uint8Array>('a 32-byte value', key)

/** QUERY_CANCEL and CONNECT_CANCEL. */
export const idBody = bodyOf<number>('an id', u32)

/** The answer of SIGN. */
export const signatureBody = bodyOf<Uint8Array>('a signature', signature)

/** IMMUTABLE_PUT, and the answer of DIAL_SEND. */
export const bytesBody = bodyOf<Uint8Array>('bytes', bytes)

/** DIAL_SEND, DIAL_RECV and ACCEPT_SEND: a handshake's payload or message. */
export const handshakeBody = bodyOf<{ id: number; bytes: Uint8Array }>('a handshake part', record({ id: u32, bytes }))

/** The answer of DIAL_RECV (bytes: the payload) and of ACCEPT_SEND (bytes: the message). */
export const handshakeDoneBody = bodyOf<{ holepunchSecret: Uint8Array; bytes: Uint8Array }>(
  'a finished handshake',
  record({ holepunchSecret: key, bytes })
)

/** The answer of FIND_PEER. */
export const peersBody = bodyOf<FoundPeer[]>('peers', peers)

/** What the meta of a stream that the server opens says. */
export interface StreamMeta {
  /** A value of {@link STREAM_KIND}. */
  kind: 0 | 1
  /** See {@link STREAM_KIND}. */
  id: number
}

/** The meta of a stream that the server opens, and LOCAL. */
export const streamMeta = bodyOf<StreamMeta>(
  'a stream meta',
  record<StreamMeta>({ kind: oneOf<0 | 1>('stream kind', Object.values(STREAM_KIND)), id: u32 })
)
