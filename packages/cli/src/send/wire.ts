/**
 * The messages between the sender and a receiver of files. A connection keeps the boundaries of messages; each is a type
 * and its payload:
 *
 * | type | name     | from     | payload                     | meaning                                            |
 * | ---- | -------- | -------- | --------------------------- | -------------------------------------------------- |
 * | 1    | text     | both     | bytes                       | a piece of the JSON text of the next offer or want |
 * | 2    | offer    | sender   |                             | the text is complete: the files                    |
 * | 3    | want     | receiver |                             | the text is complete: which files, and from where  |
 * | 4    | file     | sender   | uint32 index, uint64 offset | the next wanted file, from this byte on            |
 * | 5    | data     | sender   | bytes                       | a piece of the file                                |
 * | 6    | whole    | sender   | SHA-256, 32 bytes           | that was all; the digest of the whole file         |
 * | 7    | changed  | sender   |                             | the file cannot be sent as it was offered: drop it |
 * | 8    | credit   | receiver | uint32                      | this many more bytes of data may be sent           |
 * | 9    | done     | receiver |                             | everything wanted is written                       |
 * | 10   | declined | receiver |                             | the user does not want the files                   |
 * | 11   | busy     | sender   |                             | somebody else is receiving: wait                   |
 * | 12   | taken    | sender   |                             | somebody else has received: the code is used up    |
 * | 13   | failed   | receiver | uint8, a {@link FAILURE}    | it cannot write the files now                      |
 *
 * Numbers are little endian.
 */
export const MESSAGE = {
  text: 1,
  offer: 2,
  want: 3,
  file: 4,
  data: 5,
  whole: 6,
  changed: 7,
  credit: 8,
  done: 9,
  declined: 10,
  busy: 11,
  taken: 12,
  failed: 13
} as const

/** Why a receiver cannot write the files. */
export const FAILURE = { failed: 0, inTheWay: 1, noRoom: 2 } as const

/** The name of a {@link FAILURE}. */
export type Failure = keyof typeof FAILURE

/** The failure in the payload of a failed message; `failed` if it is one that we do not know. */
export function decodeFailure([code]: Uint8Array): Failure {
  if (code === FAILURE.inTheWay) return 'inTheWay'
  return code === FAILURE.noRoom ? 'noRoom' : 'failed'
}

/** The longest text: some 200,000 files with long names. Only who knows the code can send one. */
export const MAX_TEXT_BYTES = 32 * 1024 * 1024

/** Where the data of a file begins. */
export interface FileStart {
  /** Position in the offer. */
  readonly index: number
  readonly offset: number
}

/** The payload of a file message. */
export function encodeFileStart({ index, offset }: FileStart): Uint8Array {
  const payload = new Uint8Array(12)
  const view = new DataView(payload.buffer)
  view.setUint32(0, index, true)
  view.setBigUint64(4, BigInt(offset), true)
  return payload
}

/** The content of a file message; null if it is not one. */
export function decodeFileStart(payload: Uint8Array): FileStart | null {
  if (payload.byteLength !== 12) return null
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const offset = Number(view.getBigUint64(4, true))
  return Number.isSafeInteger(offset) ? { index: view.getUint32(0, true), offset } : null
}
