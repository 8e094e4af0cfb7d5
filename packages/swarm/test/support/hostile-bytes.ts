/**
 * What a hostile peer or DHT node can put into HyperDHT's messages: valid frames around values that no honest one
 * sends. By fast-check, so that a run is repeated by its seed.
 */
import { createRequire } from 'node:module'
import b4a from 'b4a'
import fc from 'fast-check'

const require = createRequire(import.meta.url)

interface Codec {
  readonly __codec: never
}

const messages = require('hyperdht/lib/messages.js') as Record<
  'handshake' | 'holepunch' | 'lookupRawReply' | 'mutableGetResponse' | 'noisePayload' | 'peer',
  Codec
>
const encoding = require('compact-encoding') as { encode(codec: Codec, value: object): Uint8Array }

/** Room for it in one UDP packet, beside all else of a handshake. */
const MOST_ADDRESSES = 150

const hosts = ['0.0.0.0', '255.255.255.255', '127.0.0.1', '224.0.0.1', '240.0.0.1', '10.0.0.1', '5.5.5.7']
const number = fc.constantFrom(0, 1, 2, 3, 4, 7, 252, 253, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1)
const small = fc.oneof({ weight: 4, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: number })
/** HyperDHT's encoders have room for one byte of these. */
const byte = fc.oneof({ weight: 4, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.constantFrom(5, 7, 100, 252) })
const address = fc.record({ host: fc.constantFrom(...hosts), port: fc.constantFrom(0, 0, 1, 9, 65_535) })
const few = fc.array(address, { maxLength: 3 })
const addresses = fc.oneof(
  { weight: 8, arbitrary: few },
  { weight: 1, arbitrary: address.map((one) => Array.from({ length: MOST_ADDRESSES }, () => one)) }
)
const bytes32 = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.constantFrom(b4a.alloc(32), b4a.alloc(32, 1), b4a.alloc(32, 255))
)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
/** Mostly as it must be, so that what follows is reached. */
const mostly = <T>(usual: T, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary })

const payload = fc.record({
  error: mostly(0, byte),
  firewall: byte,
  holepunch: maybe(
    fc.record({
      id: small,
      relays: fc.array(fc.record({ relayAddress: address, peerAddress: address }), { maxLength: 3 })
    })
  ),
  addresses4: addresses,
  addresses6: fc.constantFrom([], [{ host: '::1', port: 0 }]),
  udx: mostly<object | null>({ reusableSocket: false, id: 1, seq: 0 }, maybe(udxInfo())),
  secretStream: fc.constantFrom({}, null),
  relayThrough: mostly<object | null>(null, fc.record({ publicKey: bytes32, token: bytes32 })),
  relayAddresses: maybe(addresses)
})

function udxInfo() {
  return fc.record({ reusableSocket: fc.boolean(), id: number, seq: number })
}

/** Bytes cut short, with a byte changed, or left alone. */
function spoilt(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const at = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  return fc.oneof(
    { weight: 8, arbitrary: bytes },
    {
      weight: 1,
      arbitrary: fc.tuple(bytes, at).map(([all, part]) => all.subarray(0, Math.floor(all.byteLength * part)))
    },
    { weight: 1, arbitrary: fc.tuple(bytes, at, fc.nat(255)).map(([all, part, value]) => changed(all, part, value)) }
  )
}

function changed(all: Uint8Array, part: number, value: number): Uint8Array {
  const copy = b4a.from(all)
  copy[Math.floor(copy.byteLength * part)] = value
  return copy
}

const encoded = (codec: Codec) => (value: object) => encoding.encode(codec, value)
const anyBytes = fc.oneof(fc.constantFrom(b4a.alloc(0), b4a.alloc(1200, 7)), fc.uint8Array({ maxLength: 200 }))

/** A payload of a handshake. */
export const hostilePayload = spoilt(payload.map(encoded(messages.noisePayload)))

/** A PEER_HANDSHAKE message or reply; `noise` is what it carries most of the time. */
export function hostileHandshake(noise: Uint8Array): fc.Arbitrary<Uint8Array> {
  const message = fc.record({
    mode: byte,
    noise: mostly(noise, anyBytes),
    peerAddress: maybe(address),
    relayAddress: maybe(address)
  })
  return spoilt(message.map(encoded(messages.handshake)))
}

/** A reply to PEER_HANDSHAKE that is taken for one. */
export function hostileReply(noise: Uint8Array): fc.Arbitrary<Uint8Array> {
  const reply = fc.record({ peerAddress: maybe(address), relayAddress: maybe(address) })
  return reply.map((fields) => encoding.encode(messages.handshake, { mode: REPLY, noise, ...fields }))
}

/** A PEER_HOLEPUNCH message or reply; `payload` is what it carries most of the time. */
export function hostileHolepunch(payload: Uint8Array): fc.Arbitrary<Uint8Array> {
  const message = fc.record({
    mode: byte,
    id: small,
    payload: mostly(payload, anyBytes),
    peerAddress: maybe(address)
  })
  return spoilt(message.map(encoded(messages.holepunch)))
}

/** What a hole punch message says inside. */
export const hostilePunch = fc.record({
  error: mostly(0, byte),
  firewall: byte,
  round: number,
  connected: fc.boolean(),
  punching: fc.boolean(),
  addresses: maybe(addresses),
  remoteAddress: maybe(address),
  token: maybe(bytes32),
  remoteToken: maybe(bytes32)
})

const peer = fc.record({ publicKey: bytes32, relayAddresses: addresses }).map(encoded(messages.peer))
const lookup = fc
  .record({ peers: fc.array(peer, { maxLength: 3 }), bump: number })
  .map(encoded(messages.lookupRawReply))
const record = fc
  .record({ seq: number, value: anyBytes, signature: fc.uint8Array({ minLength: 64, maxLength: 64 }) })
  .map(encoded(messages.mutableGetResponse))

/** What a DHT node says to a query: peers, where one is, a stored value. */
export const hostileValue = spoilt(fc.oneof(peer, lookup, record, anyBytes))

/** The nodes nearer to its target to which it sends the one who asks. */
export const hostileNodes = addresses

const REPLY = 4

/** Draws from arbitraries, always the same from the same seed. */
export class Draws {
  #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  next<T>(arbitrary: fc.Arbitrary<T>): T {
    const [value] = fc.sample(arbitrary, { numRuns: 1, seed: this.#seed++ })
    return value as T
  }

  /** A whole number below `below`. */
  below(below: number): number {
    return this.next(fc.nat(below - 1))
  }
}
