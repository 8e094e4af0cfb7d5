import type { ProxyError } from '../errors.js'
import { protocolError } from '../errors.js'
import { type ByteWriter, utf8 } from '../wire/bytes.js'
import { readError, type WireError, writeError } from '../wire/error-codec.js'
import { type Field, record } from './body-codec.js'
import { MAX_SERVER_NAME_BYTES } from './listen-proof.js'

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

/** Most addresses of a peer that are carried. */
export const MAX_ADDRESSES = 8
/** Most peers in one notification. */
export const MAX_PEERS = 64

/** Four bytes. */
export const u32: Field<number> = {
  layout: 'u32',
  write: (w, value) => w.u32(value),
  read: (r) => r.u32()
}

/** Eight bytes holding an integer below 2^53. */
export const u53: Field<number> = {
  layout: 'u53',
  write: (w, value) => w.u53(value),
  read: (r) => r.u53()
}

/** A byte that is 0 or 1. */
export const flag: Field<boolean> = {
  layout: 'u8',
  write: (w, value) => w.u8(value ? 1 : 0),
  read: (r) => r.flags(1) === 1
}

/** A key, topic, target, node id, hash or secret. */
export const key = fixed(32)

/** An Ed25519 signature. */
export const signature = fixed(64)

/** A u32 length and that many bytes. */
export const bytes: Field<Uint8Array> = {
  layout: 'bytes',
  write: (w, value) => w.u32(value.byteLength).raw(value),
  read: (r) => r.copy(r.u32())
}

/** A u16 length and UTF-8, of at most {@link MAX_SERVER_NAME_BYTES} bytes; more are cut off when written. */
export const shortText: Field<string> = {
  layout: 'text',
  write(w, value) {
    const encoded = utf8(value, MAX_SERVER_NAME_BYTES)
    return w.u16(encoded.byteLength).raw(encoded)
  },
  read(r) {
    const length = r.u16()
    if (length > MAX_SERVER_NAME_BYTES) throw protocolError(`a name of ${length} bytes`)
    return r.text(length)
  }
}

/** The name of a server: a u16 length and UTF-8. */
export const serverName: Field<string, string | undefined> = {
  layout: 'name',
  write(w, name = '') {
    return shortText.write(w, name)
  },
  read: (r) => shortText.read(r)
}

/** A u8 count and IPv4 addresses. Others are left out: the DHT knows no others. */
export const addresses: Field<NetworkAddress[]> = {
  layout: 'addresses',
  write(w, value) {
    const encodable = value.filter((address) => octetsOf(address.host) !== null).slice(0, MAX_ADDRESSES)
    w.u8(encodable.length)
    for (const address of encodable) writeAddress(w, address)
  },
  read(r) {
    const count = r.u8()
    if (count > MAX_ADDRESSES) throw protocolError(`${count} addresses of one peer`)
    return Array.from({ length: count }, () => ({ host: `${r.u8()}.${r.u8()}.${r.u8()}.${r.u8()}`, port: r.u16() }))
  }
}

const peer = record<FoundPeer>({ publicKey: key, relayAddresses: addresses })

/** A u16 count and peers; no more than {@link MAX_PEERS} are written. */
export const peers: Field<FoundPeer[]> = {
  layout: 'peers',
  write(w, value) {
    const carried = value.slice(0, MAX_PEERS)
    w.u16(carried.length)
    for (const one of carried) peer.write(w, one)
  },
  read(r) {
    const count = r.u16()
    if (count > MAX_PEERS) throw protocolError(`${count} peers in one message`)
    return Array.from({ length: count }, () => peer.read(r))
  }
}

/** An error, as `error-codec.ts` writes it. */
export const error: Field<ProxyError, WireError> = {
  layout: 'error',
  write: writeError,
  read: readError
}

/** A byte that is one of the given values; `what` names it in errors. */
export function oneOf<T extends number>(what: string, allowed: readonly T[]): Field<T> {
  return {
    layout: 'u8',
    write: (w, value) => w.u8(value),
    read(r) {
      const value = r.u8()
      const found = allowed.find((candidate) => candidate === value)
      if (found === undefined) throw protocolError(`unknown ${what} ${value}`)
      return found
    }
  }
}

/** A byte that says whether there is a value, and the value if so. */
export function optional<T>(field: Field<T>): Field<T | null> {
  return {
    layout: `found u8, [${field.layout}]`,
    write(w, value) {
      w.u8(value === null ? 0 : 1)
      if (value !== null) field.write(w, value)
    },
    read: (r) => (r.flags(1) === 0 ? null : field.read(r))
  }
}

/** A u16 count and as many of `field`, at most `max`; `what` names them in errors. */
export function list<T>(what: string, field: Field<T>, max: number): Field<readonly T[]> {
  return {
    layout: `count u16, [${field.layout}]`,
    write(w, values) {
      if (values.length > max) throw new TypeError(`${values.length} ${what}, more than ${max}`)
      w.u16(values.length)
      for (const value of values) field.write(w, value)
    },
    read(r) {
      const count = r.u16()
      if (count > max) throw protocolError(`${count} ${what} in one message`)
      return Array.from({ length: count }, () => field.read(r))
    }
  }
}

function fixed(length: number): Field<Uint8Array> {
  return {
    layout: `${length}`,
    write(w, value) {
      if (value.byteLength !== length) throw new TypeError(`expected ${length} bytes, got ${value.byteLength}`)
      return w.raw(value)
    },
    read: (r) => r.copy(length)
  }
}

function writeAddress(w: ByteWriter, { host, port }: NetworkAddress): void {
  for (const octet of octetsOf(host) ?? []) w.u8(octet)
  w.u16(port)
}

function octetsOf(host: string): number[] | null {
  const octets = host.split('.').map(Number)
  return octets.length === 4 && octets.every((octet) => Number.isInteger(octet) && octet >= 0 && octet < 256)
    ? octets
    : null
}
