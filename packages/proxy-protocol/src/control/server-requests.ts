import { bodyOf, named, record } from './body-codec.js'
import { addresses, bytes, key, type NetworkAddress, oneOf, u32 } from './fields.js'
import { SIGN_KIND, type SignKind, VERDICT, type Verdict } from './kinds.js'
import { type NumbersOf, numbersOf, type RequestTable } from './operation.js'
import { bytesBody, handshakeBody, handshakeDoneBody, signatureBody } from './shared-bodies.js'

/** SIGN: the fields of an announcement, from which the client composes what it signs. */
export interface SignBody {
  kind: SignKind
  publicKey: Uint8Array
  /** The topic, or the hash of the public key for the announcement of the key itself. */
  target: Uint8Array
  /** The DHT node that will store it. */
  nodeId: Uint8Array
  /** The node's token. */
  token: Uint8Array
  relayAddresses: NetworkAddress[]
}

/** SIGN. */
export const signBody = bodyOf<SignBody>(
  'SIGN',
  record({
    kind: oneOf<SignKind>('signature kind', Object.values(SIGN_KIND)),
    publicKey: key,
    target: key,
    nodeId: key,
    token: bytes,
    relayAddresses: addresses
  })
)

/** ACCEPT_RECV. */
export const acceptBody = bodyOf<{ id: number; publicKey: Uint8Array; message: Uint8Array }>(
  'ACCEPT_RECV',
  record({ id: u32, publicKey: key, message: bytes })
)

/** The answer of ACCEPT_RECV. */
export const verdictBody = bodyOf<{ verdict: Verdict; remotePublicKey: Uint8Array; payload: Uint8Array }>(
  'a verdict',
  record({ verdict: oneOf<Verdict>('verdict', Object.values(VERDICT)), remotePublicKey: key, payload: bytes })
)

/** What a server asks of a client: what it cannot do, as it holds no key. */
export const SERVER_REQUESTS = {
  /** Sign an announcement, which the client composes itself from the fields. */
  SIGN: {
    number: 40,
    body: signBody,
    answer: named('signature', signatureBody),
    limits: ['peerHandshakeTimeoutMs']
  },
  /** Make the initiator's handshake message around a payload. */
  DIAL_SEND: {
    number: 41,
    body: handshakeBody,
    answer: named('message', bytesBody),
    limits: ['peerHandshakeTimeoutMs']
  },
  /** Read the responder's answer. */
  DIAL_RECV: { number: 42, body: handshakeBody, answer: handshakeDoneBody, limits: ['peerHandshakeTimeoutMs'] },
  /** Read an initiator's handshake message and decide about it. */
  ACCEPT_RECV: {
    number: 43,
    body: acceptBody,
    answer: verdictBody,
    limits: ['maxPendingHandshakes', 'peerHandshakeTimeoutMs']
  },
  /** Make the responder's answer around a payload. */
  ACCEPT_SEND: { number: 44, body: handshakeBody, answer: handshakeDoneBody, limits: ['peerHandshakeTimeoutMs'] }
} as const satisfies RequestTable

/** The numbers of {@link SERVER_REQUESTS}. */
export const SERVER_REQUEST: NumbersOf<typeof SERVER_REQUESTS> = numbersOf(SERVER_REQUESTS)
