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
 * | 9    | size   | uint64, little endian | the sender's input is a file of this many bytes       |
 */
export const MESSAGE = {
  offer: 1,
  accept: 2,
  taken: 3,
  data: 4,
  credit: 5,
  end: 6,
  done: 7,
  closed: 8,
  size: 9
} as const

/** The payload of a size message. */
export function encodeSize(bytes: number): Uint8Array {
  const payload = new Uint8Array(8)
  new DataView(payload.buffer).setBigUint64(0, BigInt(bytes), true)
  return payload
}

/** The bytes, or null if this is not a size message. */
export function decodeSize(payload: Uint8Array): number | null {
  if (payload.byteLength !== 8) return null
  const bytes = Number(new DataView(payload.buffer, payload.byteOffset, 8).getBigUint64(0, true))
  return Number.isSafeInteger(bytes) ? bytes : null
}
