import b4a from 'b4a'
import { protocolError } from '../errors.js'

const U32_SPAN = 0x100000000

/** Reads a little-endian u32 at an offset that the caller has checked. */
export function readU32(bytes: Uint8Array, offset: number): number {
  const low = (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8) | ((bytes[offset + 2] as number) << 16)
  return (low | ((bytes[offset + 3] as number) << 24)) >>> 0
}

/** Writes a little-endian u32 at an offset that the caller has checked. */
export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value
  bytes[offset + 1] = value >>> 8
  bytes[offset + 2] = value >>> 16
  bytes[offset + 3] = value >>> 24
}

/** Allocates bytes with undefined content (a Buffer in Node). Never cut from a shared pool. */
export function allocate(length: number): Uint8Array {
  return b4a.allocUnsafeSlow(length)
}

/** A copy that keeps no other memory alive. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = allocate(bytes.byteLength)
  copy.set(bytes)
  return copy
}

/** Joins several pieces. */
export function concat(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const joined = allocate(total)
  let offset = 0
  for (const piece of pieces) {
    joined.set(piece, offset)
    offset += piece.byteLength
  }
  return joined
}

/** Encodes a string as UTF-8, cut at a character boundary to at most `max` bytes. */
export function utf8(text: string, max: number): Uint8Array {
  const bytes = b4a.from(text)
  if (bytes.byteLength <= max) return bytes
  let end = max
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}

/** Builds a little-endian message in a buffer that grows. */
export class ByteWriter {
  #bytes: Uint8Array
  #length: number

  /** `reserved` bytes are left free at the front for a header. */
  constructor(reserved = 0) {
    this.#bytes = allocate(reserved + 64)
    this.#length = reserved
  }

  /** One byte. */
  u8(value: number): this {
    const offset = this.#claim(1)
    // Not in one expression: claiming may replace the buffer.
    this.#bytes[offset] = value
    return this
  }

  /** Two bytes. */
  u16(value: number): this {
    return this.u8(value & 0xff).u8(value >>> 8)
  }

  /** Four bytes. */
  u32(value: number): this {
    const offset = this.#claim(4)
    writeU32(this.#bytes, offset, value)
    return this
  }

  /** Eight bytes: an integer from 0 to 2^53 - 1. */
  u53(value: number): this {
    return this.u32((value % U32_SPAN) >>> 0).u32(Math.floor(value / U32_SPAN))
  }

  /** Bytes without a length; the reader knows it. */
  raw(bytes: Uint8Array): this {
    const offset = this.#claim(bytes.byteLength)
    this.#bytes.set(bytes, offset)
    return this
  }

  /** The written bytes, reserved ones included. This is a view: write nothing more afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #claim(count: number): number {
    const offset = this.#length
    this.#length += count
    if (this.#length > this.#bytes.byteLength) {
      const grown = allocate(Math.max(this.#length, this.#bytes.byteLength * 2))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    return offset
  }
}

/** Reads a message from an untrusted peer: missing or surplus bytes are a `PROTOCOL_ERROR`. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #what: string
  #offset = 0

  /** `what` names the message in errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes
    this.#what = what
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#bytes.byteLength - this.#offset
  }

  /** One byte. */
  u8(): number {
    return this.#bytes[this.#skip(1)] as number
  }

  /** Two bytes. */
  u16(): number {
    return this.u8() | (this.u8() << 8)
  }

  /** Four bytes. */
  u32(): number {
    const offset = this.#skip(4)
    return readU32(this.#bytes, offset)
  }

  /** Eight bytes holding an integer up to 2^53 - 1. */
  u53(): number {
    const low = this.u32()
    const high = this.u32()
    if (high > 0x1fffff) throw protocolError(`${this.#what}: a number beyond 2^53`)
    return high * U32_SPAN + low
  }

  /** A view of the next bytes. */
  raw(length: number): Uint8Array {
    const offset = this.#skip(length)
    return this.#bytes.subarray(offset, offset + length)
  }

  /** The next bytes, as a copy. */
  copy(length: number): Uint8Array {
    return copyOf(this.raw(length))
  }

  /** The next bytes as text; invalid UTF-8 becomes replacement characters. */
  text(length: number): string {
    return b4a.toString(this.raw(length))
  }

  /** A flag byte in which only the bits of `known` may be set. */
  flags(known: number): number {
    const flags = this.u8()
    if ((flags & ~known) !== 0) throw protocolError(`${this.#what}: unknown flags`)
    return flags
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.left !== 0) throw protocolError(`${this.#what}: ${this.left} bytes too many`)
  }

  #skip(count: number): number {
    const offset = this.#offset
    if (count > this.left) throw protocolError(`${this.#what}: cut short`)
    this.#offset += count
    return offset
  }
}
