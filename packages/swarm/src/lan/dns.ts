/**
 * The envelope of our packets: multicast DNS (RFC 6762) in one fixed shape, so that other responders in the group
 * take them for an unknown service, and so that other programs' packets can be told from ours by comparing
 * the first bytes. Packets that begin differently are not parsed: no names, no pointers, no counts to trust.
 *
 *     question   header (flags 0, 1 question, 1 additional), "_swarmway._udp.local" TXT IN, then the record
 *     response   header (flags 0x8400, 1 answer), the record
 *     record     name, TXT, IN, TTL 0 (not to be cached), length, then the body in strings of at most 255 bytes
 */
import b4a from 'b4a'

/** Most bytes of a body, so that a packet fits into an Ethernet frame with room to spare. */
export const MAX_BODY_BYTES = 1152

const CHUNK_BYTES = 255
const NAME = b4a.concat([...['_swarmway', '_udp', 'local'].map(label), Uint8Array.of(0)])
const TXT_IN = [0, 16, 0, 1]
const NO_TTL = [0, 0, 0, 0]
/** A pointer to the name in the question, which begins after the 12 bytes of the header. */
const NAME_AGAIN = [0xc0, 12]

const QUESTION = b4a.concat([
  Uint8Array.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]),
  NAME,
  Uint8Array.from([...TXT_IN, ...NAME_AGAIN, ...TXT_IN, ...NO_TTL])
])
const RESPONSE = b4a.concat([
  Uint8Array.from([0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
  NAME,
  Uint8Array.from([...TXT_IN, ...NO_TTL])
])

/** The packet that carries `body`, as a question or as a response. */
export function wrap(body: Uint8Array, isQuestion: boolean): Uint8Array {
  const strings: Uint8Array[] = []
  for (let at = 0; at < body.byteLength; at += CHUNK_BYTES) {
    const chunk = body.subarray(at, at + CHUNK_BYTES)
    strings.push(Uint8Array.of(chunk.byteLength), chunk)
  }
  const data = b4a.concat(strings)
  const length = Uint8Array.of(data.byteLength >> 8, data.byteLength & 255)
  return b4a.concat([isQuestion ? QUESTION : RESPONSE, length, data])
}

/** The body of a packet, null if the packet is not one of ours. */
export function unwrap(packet: Uint8Array): Uint8Array | null {
  const prefix = startsWith(packet, QUESTION) ? QUESTION : startsWith(packet, RESPONSE) ? RESPONSE : null
  if (prefix === null) return null
  const start = prefix.byteLength + 2
  const length = (packet[start - 2] ?? 0) * 256 + (packet[start - 1] ?? 0)
  if (packet.byteLength !== start + length || length > MAX_BODY_BYTES + Math.ceil(MAX_BODY_BYTES / CHUNK_BYTES)) {
    return null
  }
  return join(packet.subarray(start))
}

/** The strings of TXT data, joined; null if they do not end where the data does. */
function join(data: Uint8Array): Uint8Array | null {
  const chunks: Uint8Array[] = []
  let at = 0
  while (at < data.byteLength) {
    const end = at + 1 + (data[at] ?? 0)
    if (end > data.byteLength || end === at + 1) return null
    chunks.push(data.subarray(at + 1, end))
    at = end
  }
  return b4a.concat(chunks)
}

function startsWith(packet: Uint8Array, prefix: Uint8Array): boolean {
  return packet.byteLength >= prefix.byteLength + 2 && b4a.equals(packet.subarray(0, prefix.byteLength), prefix)
}

function label(text: string): Uint8Array {
  return b4a.concat([Uint8Array.of(text.length), b4a.from(text)])
}
