/**
 * The part of STUN (RFC 8489) that tells somebody their own address: a binding request, and the success response with
 * XOR-MAPPED-ADDRESS. Both begin with
 *
 *     type      2 bytes BE: 0x0001 request, 0x0101 success
 *     length    2 bytes BE, of what follows these 20 bytes
 *     cookie    4 bytes, always the same
 *     id        12 bytes, chosen by the client
 *
 * and the response continues with one attribute: type 0x0020, length, family (1: IPv4, 2: IPv6), port and address, the
 * last two combined by XOR with cookie and id, so that routers that rewrite addresses leave them alone.
 */
import { isIPv4, isIPv6 } from 'node:net'
import b4a from 'b4a'

/** The sender of a request. */
export interface Sender {
  readonly address: string
  readonly port: number
}

const HEADER_BYTES = 20
const COOKIE = 0x2112a442
const REQUEST = 0x0001
const SUCCESS = 0x0101
const XOR_MAPPED_ADDRESS = 0x0020
const ATTRIBUTE_HEADER_BYTES = 4
/** Clients send 20 bytes, some a few attributes. */
const MAX_REQUEST_BYTES = 548

/** The answer to a binding request; null for anything else. It is at most 24 bytes longer than the request. */
export function answerBinding(message: Uint8Array, sender: Sender): Uint8Array | null {
  const address = addressBytes(sender.address)
  if (!isRequest(message) || address === null || sender.port === 0) return null
  const value = b4a.alloc(4 + address.byteLength)
  const mask = message.subarray(4, HEADER_BYTES)
  value[1] = address.byteLength === 4 ? 1 : 2
  viewOf(value).setUint16(2, sender.port ^ (COOKIE >>> 16))
  address.forEach((byte, index) => {
    value[4 + index] = byte ^ (mask[index] ?? 0)
  })
  return respond(message, value)
}

function isRequest(message: Uint8Array): boolean {
  if (message.byteLength < HEADER_BYTES || message.byteLength > MAX_REQUEST_BYTES) return false
  const view = viewOf(message)
  const length = view.getUint16(2)
  const isWhole = length % 4 === 0 && length === message.byteLength - HEADER_BYTES
  return view.getUint16(0) === REQUEST && isWhole && view.getUint32(4) === COOKIE
}

function respond(request: Uint8Array, value: Uint8Array): Uint8Array {
  const response = b4a.alloc(HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + value.byteLength)
  const view = viewOf(response)
  view.setUint16(0, SUCCESS)
  view.setUint16(2, response.byteLength - HEADER_BYTES)
  response.set(request.subarray(4, HEADER_BYTES), 4)
  view.setUint16(HEADER_BYTES, XOR_MAPPED_ADDRESS)
  view.setUint16(HEADER_BYTES + 2, value.byteLength)
  response.set(value, HEADER_BYTES + ATTRIBUTE_HEADER_BYTES)
  return response
}

/** 4 or 16 bytes, null if it is not an address. */
function addressBytes(text: string): Uint8Array | null {
  const host = text.split('%')[0] ?? ''
  const ipv4 = host.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(ipv4)) return Uint8Array.from(ipv4.split('.'), Number)
  return isIPv6(host) ? bytesOfIPv6(host) : null
}

function bytesOfIPv6(host: string): Uint8Array {
  const [head = '', tail] = host.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const zeros = Array<number>(8 - first.length - last.length).fill(0)
  return Uint8Array.from([...first, ...zeros, ...last].flatMap((group) => [group >> 8, group & 0xff]))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
