/**
 * The header of a record of a link between two servers (integers are little-endian):
 *
 *     parts u8, then of each part: sealed u32, open u32
 *
 * A part is bytes that are sealed, and data of streams after them that goes out as it is. The sealed bytes of all parts come
 * first on the wire, with one tag, then the open ones; the reader puts them back in order.
 */

const COUNT_BYTES = 1
const PART_BYTES = 8
/** Longest record: more than a link writes at once, so that a server that lies makes this one buffer no more. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024

/** A record ends at this size. */
export const RECORD_BYTES = 256 * 1024
/** A record has no more parts. */
export const MAX_PARTS = 255

/** Lengths of a part of a record. */
export interface Part {
  sealedBytes: number
  openBytes: number
}

/** Bytes of the header that begins with this byte. */
export function headerBytes(start: Uint8Array): number {
  return COUNT_BYTES + PART_BYTES * (start[0] ?? 0)
}

export function encodeHeader(parts: readonly Part[]): Buffer {
  const header = Buffer.allocUnsafe(COUNT_BYTES + PART_BYTES * parts.length)
  let offset = header.writeUInt8(parts.length)
  for (const { openBytes, sealedBytes } of parts) {
    offset = header.writeUInt32LE(sealedBytes, offset)
    offset = header.writeUInt32LE(openBytes, offset)
  }
  return header
}

/** @throws Error if the record is empty or too long */
export function decodeHeader(header: Buffer): { parts: Part[]; sealedBytes: number } {
  const parts: Part[] = []
  let [sealedBytes, openBytes] = [0, 0]
  for (let offset = COUNT_BYTES; offset < header.byteLength; offset += PART_BYTES) {
    const part = { sealedBytes: header.readUInt32LE(offset), openBytes: header.readUInt32LE(offset + 4) }
    sealedBytes += part.sealedBytes
    openBytes += part.openBytes
    parts.push(part)
  }
  if (sealedBytes + openBytes > 0 && Math.max(sealedBytes, openBytes) <= MAX_RECORD_BYTES) return { parts, sealedBytes }
  throw new Error(`a record of ${sealedBytes} and ${openBytes} bytes`)
}
