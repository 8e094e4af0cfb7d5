/**
 * The messages between two pipes. A connection keeps the boundaries of messages; each is a type and its
 * payload:
 *
 * | type | name   | payload        | meaning                                                    |
 * | ---- | ------ | -------------- | ---------------------------------------------------------- |
 * | 1    | offer  |                | shall we pair up? Asked by the peer with the lesser key |
 * | 2    | accept |                | yes                                                        |
 * | 3    | taken  |                | no, there is already a pair                                |
 * | 4    | data   | bytes          | a piece of the sender's input                              |
 * | 5    | credit | uint32, little endian | this many more bytes may be sent                      |
 * | 6    | end    |                | the sender's input has ended                               |
 * | 7    | done   |                | all of your input has been written out                     |
 * | 8    | closed |                | my output was closed: what you send goes nowhere           |
 */
export const MESSAGE = { offer: 1, accept: 2, taken: 3, data: 4, credit: 5, end: 6, done: 7, closed: 8 } as const

/** Bytes that may be under way in one direction; a slow reader holds at most this much. */
export const WINDOW_BYTES = 8 * 1024 * 1024

/** Most bytes in one data message. */
export const CHUNK_BYTES = 64 * 1024

/** The payload of a credit message. */
export function encodeCredit(bytes: number): Uint8Array {
  const payload = new Uint8Array(4)
  new DataView(payload.buffer).setUint32(0, bytes, true)
  return payload
}

/** The bytes granted, or null if this is not a credit message. */
export function decodeCredit(payload: Uint8Array): number | null {
  if (payload.byteLength !== 4) return null
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true)
}
