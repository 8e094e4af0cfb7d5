import { createRequire } from 'node:module'
import type { Connection } from '../../src/network/connection.js'
import type {
  Address,
  ConnectOptions,
  CreateHandshake,
  DhtNode,
  NodeHandshake,
  ServerOptions
} from '../../src/network/dht-node.js'
import type { KeyPair } from '../../src/util/keys.js'

const require = createRequire(import.meta.url)

/** A request of another node, as dht-rpc passes it on. */
export interface Request {
  readonly command: number
  readonly target: Uint8Array | null
  readonly from: Address
  readonly value: Uint8Array
  reply(value: Uint8Array | null, options?: object): void
}

interface HolepunchMessage {
  id: number
  payload: Uint8Array
  peerAddress: Address
}

/** The part of a HyperDHT node that a hostile one is made from. */
export interface RawNode extends DhtNode {
  readonly io: { readonly table: { closest(target: Uint8Array): Address[] } }
  readonly _router: {
    onpeerhandshake(request: Request): Promise<void>
    onpeerholepunch(request: Request): Promise<void>
    peerHolepunch(target: Uint8Array, message: HolepunchMessage, to: Address): Promise<unknown>
    peerHandshake(target: Uint8Array, message: { noise: Uint8Array }, to: Address): Promise<{ noise: Uint8Array }>
  }
  readonly rawStreams: { readonly size: number }
  readonly _relayAddressesCache: { get(key: string): Address[] | null }
  connect(publicKey: Uint8Array, options?: ConnectOptions): Connection
  createServer(
    options: ServerOptions,
    onConnection: (connection: Connection) => void
  ): ReturnType<DhtNode['createServer']>
  onrequest(request: Request): boolean
  address(): Address
  ping(to: Address): Promise<unknown>
  fullyBootstrapped(): Promise<void>
  request(
    message: { command: number; target: Uint8Array; value: Uint8Array },
    to: Address,
    options?: { retry: boolean }
  ): Promise<unknown>
}

/** Numbers of the requests that carry handshakes and hole punches. */
export const COMMAND = { handshake: 0, holepunch: 1 } as const

interface NoiseWrap extends NodeHandshake {
  readonly handshake: { send(payload: Uint8Array): Uint8Array }
  final(): { holepunchSecret: Uint8Array }
}

const NoiseWrap = require('hyperdht/lib/noise-wrap.js') as new (
  keyPair: KeyPair,
  remotePublicKey: Uint8Array | null
) => NoiseWrap

/** Seals the content of a hole punch message. */
export const SecurePayload = require('hyperdht/lib/secure-payload.js') as new (
  holepunchSecret: Uint8Array
) => { encrypt(punch: object): Uint8Array }

const messages = require('hyperdht/lib/messages.js') as Record<'handshake' | 'holepunch' | 'noisePayload', object>
const encoding = require('compact-encoding') as {
  encode(codec: object, value: object): Uint8Array
  decode(codec: object, bytes: Uint8Array): object
}

/** Kinds of handshake and hole punch messages. */
export const MODE = { fromClient: 0, fromServer: 1, fromRelay: 2, reply: 4 } as const

/** A PEER_HANDSHAKE message. */
export function handshakeMessage(mode: number, noise: Uint8Array, peerAddress: Address | null = null): Uint8Array {
  return encoding.encode(messages.handshake, { mode, noise, peerAddress, relayAddress: null })
}

/** A PEER_HOLEPUNCH message; `payload` may be missing. */
export function holepunchMessage(mode: number, id: number, payload: Uint8Array | null, peerAddress: Address | null) {
  return encoding.encode(messages.holepunch, { mode, id, payload, peerAddress })
}

/** A payload as encoded on the wire. */
export function encodedPayload(fields: object): Uint8Array {
  return encoding.encode(messages.noisePayload, { ...PLAIN, ...fields })
}

const PLAIN = {
  error: 0,
  firewall: 0,
  holepunch: null,
  addresses4: [],
  addresses6: [],
  udx: { reusableSocket: false, id: 1, seq: 0 },
  secretStream: {},
  relayThrough: null,
  relayAddresses: null
}

/** HyperDHT's handshake, except that it sends the payload returned by `next` instead of its own. */
export function sending(next: () => Uint8Array): CreateHandshake {
  return (keyPair, remotePublicKey) => makeHandshake(next, keyPair, remotePublicKey)
}

function makeHandshake(next: () => Uint8Array, keyPair: KeyPair, remotePublicKey: Uint8Array | null): NoiseWrap {
  const wrap = new NoiseWrap(keyPair, remotePublicKey)
  const { send } = wrap.handshake
  wrap.handshake.send = () => send.call(wrap.handshake, next())
  return wrap
}

async function understands(wrap: NoiseWrap, noise: Uint8Array): Promise<boolean> {
  try {
    await wrap.recv(noise)
    return true
  } catch {
    return false
  }
}

/** The first message of a handshake with `publicKey`, with this payload. */
export function firstMessage(keyPair: KeyPair, publicKey: Uint8Array, payload: Uint8Array): Uint8Array {
  return makeHandshake(() => payload, keyPair, publicKey).send(PLAIN) as Uint8Array
}

/** The messages of a relay made by {@link relayFor}. */
export interface RelayScript {
  /** The payload of its answer to a handshake. */
  payload: () => Uint8Array
  /** The reply to a handshake; it carries `noise`. */
  reply: (noise: Uint8Array) => Uint8Array
  /** The payload of the reply to a hole punch; null for none. */
  punch?: (seal: (punch: object) => Uint8Array) => Uint8Array | null
}

/** Makes a node answer handshakes for the holder of `keyPair`, like a DHT node that relays to it. */
export function relayFor(node: RawNode, keyPair: KeyPair, { payload, reply, punch }: RelayScript): Address {
  let secret: Uint8Array | null = null
  node._router.onpeerhandshake = async (request) => {
    const { noise } = encoding.decode(messages.handshake, request.value) as { noise: Uint8Array }
    const wrap = makeHandshake(payload, keyPair, null)
    // It may be meant for an earlier key.
    if (!(await understands(wrap, noise))) return
    const answer = wrap.send(PLAIN) as Uint8Array
    secret = wrap.final().holepunchSecret
    request.reply(reply(answer), WITHOUT_MORE)
  }
  node._router.onpeerholepunch = async (request) => {
    if (punch === undefined || secret === null) return
    const sealed = new SecurePayload(secret)
    const bytes = punch((said) => sealed.encrypt(said))
    request.reply(holepunchMessage(MODE.reply, 0, bytes, { host: '127.0.0.1', port: 9 }), WITHOUT_MORE)
  }
  return addressOf(node)
}

const WITHOUT_MORE = { closerNodes: false, token: false }

/** The address at which a node takes requests. */
export function addressOf(node: RawNode): Address {
  return { host: '127.0.0.1', port: node.address().port }
}
