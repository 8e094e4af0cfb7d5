/**
 * The messages between `swarmway serve` and `swarmway connect`: TCP connections, numbered by the side that opens them. A
 * connection keeps the boundaries of messages; each is a type, the connection's number (uint32), and a payload:
 *
 * | type | name   | from    | payload | meaning                                             |
 * | ---- | ------ | ------- | ------- | --------------------------------------------------- |
 * | 1    | open   | connect |         | a program has connected                             |
 * | 2    | data   | both    | bytes   |                                                     |
 * | 3    | end    | both    |         | this side sends nothing more; the other side may    |
 * | 4    | reset  | both    |         | it broke, or could not be opened                    |
 * | 5    | credit | both    | uint32  | this many more bytes may be sent on this connection |
 *
 * Numbers are little endian.
 */
export const MESSAGE = { open: 1, data: 2, end: 3, reset: 4, credit: 5 } as const

/** Bytes under way in one direction of a TCP connection: what a reader that does not read can hold here. */
export const WINDOW_BYTES = 1024 * 1024

/** TCP connections of one peer at once, so that nobody exhausts the files and memory of the other side. */
export const MAX_TUNNELS = 128

/** A message about a connection: its number, then the payload. */
export function encodeNumbered(id: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(4 + payload.byteLength)
  new DataView(bytes.buffer).setUint32(0, id, true)
  bytes.set(payload, 4)
  return bytes
}

/** The number and the payload, or null if it is too short. */
export function decodeNumbered(bytes: Uint8Array): { id: number; payload: Uint8Array } | null {
  if (bytes.byteLength < 4) return null
  return { id: new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true), payload: bytes.subarray(4) }
}
