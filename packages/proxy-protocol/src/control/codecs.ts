/**
 * The bodies of the requests, responses and notifications in `ops.ts`. Integers are little-endian; keys, topics,
 * targets and node ids are 32 bytes, signatures 64; `bytes` is a u32 length and that many bytes; an address is an
 * IPv4 address and a port, 6 bytes, and a list of them has a u8 count in front.
 *
 *     LISTEN          publicKey, proof 64, serverName u16 length + UTF-8
 *     UNLISTEN        publicKey
 *     QUERY           queryId u32, kind u8, topic, publicKey (zeros in a lookup)
 *     UNANNOUNCE      topic, publicKey
 *     CONNECT         dialId u32, publicKey, addresses   (answer: empty)
 *     FIND_PEER       target                             answer: peers
 *     MUTABLE_PUT     publicKey, seq u53, signature 64, bytes
 *     MUTABLE_GET     publicKey, seq u53, latest u8      answer: found u8, [seq u53, signature 64, bytes]
 *     IMMUTABLE_PUT   bytes                              answer: hash
 *     IMMUTABLE_GET   target                             answer: found u8, [bytes]
 *     QUERY_CANCEL    queryId u32                        CONNECT_CANCEL dialId u32
 *     WATCH, UNWATCH  topic
 *     SIGN            kind u8, publicKey, target, nodeId, token bytes, addresses     answer: signature 64
 *     DIAL_SEND       dialId u32, payload bytes          answer: message bytes
 *     DIAL_RECV       dialId u32, message bytes          answer: holepunchSecret 32, payload bytes
 *     ACCEPT_RECV     handshakeId u32, publicKey, message bytes
 *                                                        answer: verdict u8, remotePublicKey, payload bytes
 *     ACCEPT_SEND     handshakeId u32, payload bytes     answer: holepunchSecret 32, message bytes
 *     PEERS           queryId u32, peers                 PEER           topic, peers
 *     KEY_LOST        publicKey, error                   TOPIC_DENIED   topic, error
 *     peers           u16 count, each: publicKey, addresses
 *     stream meta     kind u8, id u32
 *     error           see `codec-error.ts`
 */
import b4a from 'b4a'
import { type ProxyError, protocolError } from '../errors.js'
import { ByteReader, ByteWriter, utf8 } from '../wire/bytes.js'
import { readError, type WireError, writeError } from '../wire/error-codec.js'
import { MAX_SERVER_NAME_BYTES } from './listen-proof.js'
import type { QueryKind, SignKind, Verdict } from './ops.js'

/** An IPv4 address and a port. */
export interface NetworkAddress {
  host: string
  port: number
}

/** A peer and the nodes through which it can be reached. */
export interface FoundPeer {
  publicKey: Uint8Array
  relayAddresses: NetworkAddress[]
}

/** Encodes and decodes one kind of body. `decode` throws PROTOCOL_ERROR on anything that is not one. */
export interface BodyCodec<T, Given = T> {
  encode(value: Given): Uint8Array
  decode(body: Uint8Array): T
}

/** Most addresses of a peer that are carried. */
export const MAX_ADDRESSES = 8
/** Most peers in one notification. */
export const MAX_PEERS = 64

const KEY = 32
const SIGNATURE = 64

function codec<T, Given = T>(
  what: string,
  write: (w: ByteWriter, value: Given) => unknown,
  read: (r: ByteReader) => T
): BodyCodec<T, Given> {
  return {
    encode(value) {
      const writer = new ByteWriter()
      write(writer, value)
      return writer.finish()
    },
    decode(body) {
      const reader = new ByteReader(body, what)
      const value = read(reader)
      reader.end()
      return value
    }
  }
}

/** LISTEN. */
export interface ListenBody {
  publicKey: Uint8Array
  /** The signature over `listenProofMessage`. */
  proof: Uint8Array
  /** The server's name that was signed; at most `MAX_SERVER_NAME_BYTES`. Default: '', unknown. */
  serverName?: string
}

/** LISTEN. */
export const listenBody = codec<ListenBody>(
  'LISTEN',
  (w, v) => writeName(w.raw(sized(v.publicKey, KEY)).raw(sized(v.proof, SIGNATURE)), v.serverName ?? ''),
  (r) => ({ publicKey: r.copy(KEY), proof: r.copy(SIGNATURE), serverName: readName(r) })
)

/** UNLISTEN, FIND_PEER, IMMUTABLE_GET, WATCH, UNWATCH, and the answer of IMMUTABLE_PUT: one 32-byte value. */
export const keyBody = codec<Uint8Array>(
  'a 32-byte value',
  (w, v) => w.raw(sized(v, KEY)),
  (r) => r.copy(KEY)
)

/** QUERY_CANCEL and CONNECT_CANCEL. */
export const idBody = codec<number>(
  'an id',
  (w, v) => w.u32(v),
  (r) => r.u32()
)

/** The answer of SIGN. */
export const signatureBody = codec<Uint8Array>(
  'a signature',
  (w, v) => w.raw(sized(v, SIGNATURE)),
  (r) => r.copy(SIGNATURE)
)

/** IMMUTABLE_PUT, and the answer of DIAL_SEND. */
export const bytesBody = codec<Uint8Array>('bytes', writeBytes, readBytes)

/** QUERY. */
export interface QueryBody {
  queryId: number
  kind: QueryKind
  topic: Uint8Array
  /** Whose announcement; null in a plain lookup. */
  publicKey: Uint8Array | null
}

/** QUERY. */
export const queryBody = codec<QueryBody>(
  'QUERY',
  (w, v) =>
    w
      .u32(v.queryId)
      .u8(v.kind)
      .raw(sized(v.topic, KEY))
      .raw(v.publicKey ?? b4a.alloc(KEY)),
  (r) => {
    const queryId = r.u32()
    const kind = oneOf<QueryKind>(r.u8(), [0, 1, 2], 'query kind')
    const topic = r.copy(KEY)
    const publicKey = r.copy(KEY)
    return { queryId, kind, topic, publicKey: kind === 0 ? null : publicKey }
  }
)

/** UNANNOUNCE. */
export const unannounceBody = codec<{ topic: Uint8Array; publicKey: Uint8Array }>(
  'UNANNOUNCE',
  (w, v) => w.raw(sized(v.topic, KEY)).raw(sized(v.publicKey, KEY)),
  (r) => ({ topic: r.copy(KEY), publicKey: r.copy(KEY) })
)

/** CONNECT. */
export const connectBody = codec<{ dialId: number; publicKey: Uint8Array; addresses: NetworkAddress[] }>(
  'CONNECT',
  (w, v) => writeAddresses(w.u32(v.dialId).raw(sized(v.publicKey, KEY)), v.addresses),
  (r) => ({ dialId: r.u32(), publicKey: r.copy(KEY), addresses: readAddresses(r) })
)

/** A signed mutable value; the answer of MUTABLE_GET is one or null. */
export interface MutableValue {
  seq: number
  signature: Uint8Array
  value: Uint8Array
}

/** MUTABLE_PUT. */
export const mutablePutBody = codec<MutableValue & { publicKey: Uint8Array }>(
  'MUTABLE_PUT',
  (w, v) => writeMutable(w.raw(sized(v.publicKey, KEY)), v),
  (r) => ({ publicKey: r.copy(KEY), ...readMutable(r) })
)

/** MUTABLE_GET. */
export const mutableGetBody = codec<{ publicKey: Uint8Array; seq: number; latest: boolean }>(
  'MUTABLE_GET',
  (w, v) =>
    w
      .raw(sized(v.publicKey, KEY))
      .u53(v.seq)
      .u8(v.latest ? 1 : 0),
  (r) => ({ publicKey: r.copy(KEY), seq: r.u53(), latest: r.flags(1) === 1 })
)

/** The answer of MUTABLE_GET. */
export const mutableResultBody = codec<MutableValue | null>(
  'the answer of MUTABLE_GET',
  (w, v) => (v === null ? w.u8(0) : writeMutable(w.u8(1), v)),
  (r) => (r.flags(1) === 0 ? null : readMutable(r))
)

/** The answer of IMMUTABLE_GET. */
export const maybeBytesBody = codec<Uint8Array | null>(
  'the answer of IMMUTABLE_GET',
  (w, v) => (v === null ? w.u8(0) : writeBytes(w.u8(1), v)),
  (r) => (r.flags(1) === 0 ? null : readBytes(r))
)

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
export const signBody = codec<SignBody>(
  'SIGN',
  (w, v) => {
    w.u8(v.kind).raw(sized(v.publicKey, KEY)).raw(sized(v.target, KEY)).raw(sized(v.nodeId, KEY))
    return writeAddresses(writeBytes(w, v.token), v.relayAddresses)
  },
  (r) => ({
    kind: oneOf<SignKind>(r.u8(), [0, 1], 'signature kind'),
    publicKey: r.copy(KEY),
    target: r.copy(KEY),
    nodeId: r.copy(KEY),
    token: readBytes(r),
    relayAddresses: readAddresses(r)
  })
)

/** DIAL_SEND, DIAL_RECV and ACCEPT_SEND: a handshake's payload or message. */
export const handshakeBody = codec<{ id: number; bytes: Uint8Array }>(
  'a handshake part',
  (w, v) => writeBytes(w.u32(v.id), v.bytes),
  (r) => ({ id: r.u32(), bytes: readBytes(r) })
)

/** The answer of DIAL_RECV (bytes: the payload) and of ACCEPT_SEND (bytes: the message). */
export const handshakeDoneBody = codec<{ holepunchSecret: Uint8Array; bytes: Uint8Array }>(
  'a finished handshake',
  (w, v) => writeBytes(w.raw(sized(v.holepunchSecret, 32)), v.bytes),
  (r) => ({ holepunchSecret: r.copy(32), bytes: readBytes(r) })
)

/** ACCEPT_RECV. */
export const acceptBody = codec<{ id: number; publicKey: Uint8Array; message: Uint8Array }>(
  'ACCEPT_RECV',
  (w, v) => writeBytes(w.u32(v.id).raw(sized(v.publicKey, KEY)), v.message),
  (r) => ({ id: r.u32(), publicKey: r.copy(KEY), message: readBytes(r) })
)

/** The answer of ACCEPT_RECV. */
export const verdictBody = codec<{ verdict: Verdict; remotePublicKey: Uint8Array; payload: Uint8Array }>(
  'a verdict',
  (w, v) => writeBytes(w.u8(v.verdict).raw(sized(v.remotePublicKey, KEY)), v.payload),
  (r) => ({
    verdict: oneOf<Verdict>(r.u8(), [0, 1, 2], 'verdict'),
    remotePublicKey: r.copy(KEY),
    payload: readBytes(r)
  })
)

/** The answer of FIND_PEER. */
export const peersBody = codec<FoundPeer[]>('peers', writePeers, readPeers)

/** PEERS. */
export const queryPeersBody = codec<{ queryId: number; peers: FoundPeer[] }>(
  'PEERS',
  (w, v) => writePeers(w.u32(v.queryId), v.peers),
  (r) => ({ queryId: r.u32(), peers: readPeers(r) })
)

/** PEER. */
export const topicPeersBody = codec<{ topic: Uint8Array; peers: FoundPeer[] }>(
  'PEER',
  (w, v) => writePeers(w.raw(sized(v.topic, KEY)), v.peers),
  (r) => ({ topic: r.copy(KEY), peers: readPeers(r) })
)

/** KEY_LOST. */
export const keyLostBody = codec<
  { publicKey: Uint8Array; error: ProxyError },
  { publicKey: Uint8Array; error: WireError }
>(
  'KEY_LOST',
  (w, v) => writeError(w.raw(sized(v.publicKey, KEY)), v.error),
  (r) => ({ publicKey: r.copy(KEY), error: readError(r) })
)

/** TOPIC_DENIED. */
export const topicDeniedBody = codec<{ topic: Uint8Array; error: ProxyError }, { topic: Uint8Array; error: WireError }>(
  'TOPIC_DENIED',
  (w, v) => writeError(w.raw(sized(v.topic, KEY)), v.error),
  (r) => ({ topic: r.copy(KEY), error: readError(r) })
)

/** The meta of a stream that the server opens. */
export const streamMeta = codec<{ kind: 0 | 1; id: number }>(
  'a stream meta',
  (w, v) => w.u8(v.kind).u32(v.id),
  (r) => ({ kind: oneOf<0 | 1>(r.u8(), [0, 1], 'stream kind'), id: r.u32() })
)

function writeBytes(w: ByteWriter, bytes: Uint8Array): ByteWriter {
  return w.u32(bytes.byteLength).raw(bytes)
}

function readBytes(r: ByteReader): Uint8Array {
  return r.copy(r.u32())
}

function writeName(w: ByteWriter, name: string): ByteWriter {
  const bytes = utf8(name, MAX_SERVER_NAME_BYTES)
  return w.u16(bytes.byteLength).raw(bytes)
}

function readName(r: ByteReader): string {
  const length = r.u16()
  if (length > MAX_SERVER_NAME_BYTES) throw protocolError(`a server's name of ${length} bytes`)
  return r.text(length)
}

function writeMutable(w: ByteWriter, { seq, signature, value }: MutableValue): ByteWriter {
  return writeBytes(w.u53(seq).raw(sized(signature, SIGNATURE)), value)
}

function readMutable(r: ByteReader): MutableValue {
  return { seq: r.u53(), signature: r.copy(SIGNATURE), value: readBytes(r) }
}

function writePeers(w: ByteWriter, peers: FoundPeer[]): ByteWriter {
  w.u16(Math.min(peers.length, MAX_PEERS))
  for (const peer of peers.slice(0, MAX_PEERS)) writeAddresses(w.raw(sized(peer.publicKey, KEY)), peer.relayAddresses)
  return w
}

function readPeers(r: ByteReader): FoundPeer[] {
  const count = r.u16()
  if (count > MAX_PEERS) throw protocolError(`${count} peers in one message`)
  return Array.from({ length: count }, () => ({ publicKey: r.copy(KEY), relayAddresses: readAddresses(r) }))
}

/** Addresses that are not IPv4 are left out: the DHT knows no others. */
function writeAddresses(w: ByteWriter, addresses: NetworkAddress[]): ByteWriter {
  const encodable = addresses.filter((address) => octetsOf(address.host) !== null).slice(0, MAX_ADDRESSES)
  w.u8(encodable.length)
  for (const { host, port } of encodable) {
    for (const octet of octetsOf(host) ?? []) w.u8(octet)
    w.u16(port)
  }
  return w
}

function readAddresses(r: ByteReader): NetworkAddress[] {
  const count = r.u8()
  if (count > MAX_ADDRESSES) throw protocolError(`${count} addresses of one peer`)
  return Array.from({ length: count }, () => ({ host: `${r.u8()}.${r.u8()}.${r.u8()}.${r.u8()}`, port: r.u16() }))
}

function octetsOf(host: string): number[] | null {
  const octets = host.split('.').map(Number)
  return octets.length === 4 && octets.every((octet) => Number.isInteger(octet) && octet >= 0 && octet < 256)
    ? octets
    : null
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.byteLength !== length) throw new TypeError(`expected ${length} bytes, got ${bytes.byteLength}`)
  return bytes
}

function oneOf<T extends number>(value: number, allowed: readonly T[], what: string): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined) throw protocolError(`unknown ${what} ${value}`)
  return found
}
