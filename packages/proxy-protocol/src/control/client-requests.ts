import b4a from 'b4a'
import { bodyOf, type Field, named, record } from './body-codec.js'
import {
  addresses,
  bytes,
  flag,
  key,
  type NetworkAddress,
  oneOf,
  optional,
  serverName,
  signature,
  u32,
  u53
} from './fields.js'
import { QUERY_KIND, type QueryKind } from './kinds.js'
import { type NumbersOf, numbersOf, type RequestTable } from './operation.js'
import { bytesBody, emptyBody, keyBody, peersBody } from './shared-bodies.js'

/** LISTEN. */
export interface ListenBody {
  publicKey: Uint8Array
  /** The signature over `listenProofMessage`. */
  proof: Uint8Array
  /** The server's name that was signed; at most `MAX_SERVER_NAME_BYTES`. Default: '', unknown. */
  serverName?: string
}

/** LISTEN. */
export const listenBody = bodyOf<ListenBody>(
  'LISTEN',
  record<ListenBody>({ publicKey: key, proof: signature, serverName })
)

/** QUERY. */
export interface QueryBody {
  queryId: number
  kind: QueryKind
  topic: Uint8Array
  /** Whose announcement; null in a plain lookup. */
  publicKey: Uint8Array | null
}

const queryRecord = record<QueryBody & { publicKey: Uint8Array }>({
  queryId: u32,
  kind: oneOf<QueryKind>('query kind', Object.values(QUERY_KIND)),
  topic: key,
  publicKey: key
})

/** The key of a plain lookup is zeros. */
const query: Field<QueryBody> = {
  layout: queryRecord.layout,
  write: (w, value) => queryRecord.write(w, { ...value, publicKey: value.publicKey ?? b4a.alloc(32) }),
  read(r) {
    const value = queryRecord.read(r)
    return value.kind === QUERY_KIND.LOOKUP ? { ...value, publicKey: null } : value
  }
}

/** QUERY. */
export const queryBody = bodyOf<QueryBody>('QUERY', query)

/** UNANNOUNCE. */
export const unannounceBody = bodyOf<{ topic: Uint8Array; publicKey: Uint8Array }>(
  'UNANNOUNCE',
  record({ topic: key, publicKey: key })
)

/** CONNECT. */
export const connectBody = bodyOf<{ dialId: number; publicKey: Uint8Array; addresses: NetworkAddress[] }>(
  'CONNECT',
  record({ dialId: u32, publicKey: key, addresses })
)

/** A signed mutable value; the answer of MUTABLE_GET is one or null. */
export interface MutableValue {
  seq: number
  signature: Uint8Array
  value: Uint8Array
}

/** MUTABLE_PUT. */
export const mutablePutBody = bodyOf<MutableValue & { publicKey: Uint8Array }>(
  'MUTABLE_PUT',
  record({ publicKey: key, seq: u53, signature, value: bytes })
)

/** MUTABLE_GET. */
export const mutableGetBody = bodyOf<{ publicKey: Uint8Array; seq: number; latest: boolean }>(
  'MUTABLE_GET',
  record({ publicKey: key, seq: u53, latest: flag })
)

/** The answer of MUTABLE_GET. */
export const mutableResultBody = bodyOf<MutableValue | null>(
  'the answer of MUTABLE_GET',
  optional(record<MutableValue>({ seq: u53, signature, value: bytes }))
)

/** The answer of IMMUTABLE_GET. */
export const maybeBytesBody = bodyOf<Uint8Array | null>('the answer of IMMUTABLE_GET', optional(bytes))

/** DIRECT_REPORT. */
export const directReportBody = bodyOf<{ connections: number; bytes: number }>(
  'DIRECT_REPORT',
  record({ connections: u32, bytes: u53 })
)

/** What a client asks of a server. */
export const CLIENT_REQUESTS = {
  /** Accept connections on a key, which the client proves to hold. Answered when the key is announced. */
  LISTEN: { number: 1, body: listenBody, answer: emptyBody, limits: ['maxKeys'] },
  /** Undo LISTEN. */
  UNLISTEN: { number: 2, body: named('publicKey', keyBody), answer: emptyBody, limits: [] },
  /** Look up or announce a topic. Peers come as PEERS notifications before the answer. */
  QUERY: { number: 3, body: queryBody, answer: emptyBody, limits: ['maxQueries', 'maxTopics', 'maxLocalPeers'] },
  /** Withdraw the announcement of a topic. */
  UNANNOUNCE: { number: 4, body: unannounceBody, answer: emptyBody, limits: ['maxQueries'] },
  /** Connect to a peer. Answered after the stream was opened, or with the code that ended the dial. */
  CONNECT: {
    number: 5,
    body: connectBody,
    answer: emptyBody,
    limits: ['maxDials', 'maxStreams', 'peerHandshakeTimeoutMs']
  },
  /** Ask the DHT for a peer's record. */
  FIND_PEER: { number: 6, body: named('target', keyBody), answer: peersBody, limits: ['maxQueries'] },
  /** Store a signed value in the DHT. */
  MUTABLE_PUT: { number: 7, body: mutablePutBody, answer: emptyBody, limits: ['maxQueries'] },
  /** Fetch the signed value of a key. */
  MUTABLE_GET: { number: 8, body: mutableGetBody, answer: mutableResultBody, limits: ['maxQueries'] },
  /** Store a value under its hash. */
  IMMUTABLE_PUT: {
    number: 9,
    body: named('value', bytesBody),
    answer: named('hash', keyBody),
    limits: ['maxQueries']
  },
  /** Fetch the value of a hash. */
  IMMUTABLE_GET: { number: 10, body: named('target', keyBody), answer: maybeBytesBody, limits: ['maxQueries'] },
  /** For the server's statistics: connections moved to direct paths and bytes sent on these since the last report. */
  DIRECT_REPORT: { number: 68, body: directReportBody, answer: emptyBody, limits: [] }
} as const satisfies RequestTable

/** The numbers of {@link CLIENT_REQUESTS}. */
export const CLIENT_REQUEST: NumbersOf<typeof CLIENT_REQUESTS> = numbersOf(CLIENT_REQUESTS)
