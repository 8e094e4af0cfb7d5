/**
 * The extension block: what Swarmway peers send each other inside the encrypted Noise payloads of a handshake, after
 * HyperDHT's own payload. Other implementations ignore it.
 *
 * Layout, at the very end of the payload, so that it can be found without knowing what precedes it:
 *
 *     fields        any number of: tag (1 byte), length (2 bytes LE), that many bytes
 *     fieldsLength  2 bytes LE
 *     magic         8 bytes
 *
 * Fields with an unknown tag are skipped, so that later versions can add fields.
 */
import b4a from 'b4a'
import { SwarmError } from '../errors.js'
import { viewOf } from '../util/little-endian.js'

/** Most topic proofs in one block: a handshake has to fit into one UDP packet. */
export const MAX_PROOFS = 8
/** The same for the block of a topic update, which carries little else; see connections/topic-updates.ts. */
export const MAX_UPDATE_PROOFS = 32
export const PROOF_BYTES = 16
/** Most statements of membership in one block. */
export const MAX_STATEMENTS = 3
export const INCARNATION_BYTES = 8
/** Most bytes of a block, magic included. With everything else in the largest handshake packet, about 1150 bytes. */
export const MAX_BLOCK_BYTES = 704

const MAGIC = b4a.from('swarmwy\u0001')
const TRAILER_BYTES = 2 + MAGIC.byteLength
const FIELD_HEADER_BYTES = 3
const PATH_ID_BYTES = 4
const TAG = { origin: 1, proofs: 2, refusal: 3, statement: 4, topicUpdate: 5, paths: 6, sparePath: 7 } as const
/** The version of paths/ that we speak. A later one has to speak it too. */
const PATHS_VERSION = 1

/** Why a peer was refused, as sent to the dialling side. */
export const REFUSAL = { duplicate: 1, full: 2, notAMember: 3, keyInUse: 4 } as const
export type Refusal = (typeof REFUSAL)[keyof typeof REFUSAL]

/** Identifies and orders the blocks of one swarm object; kept for as long as the connection lives. */
export interface Origin {
  /** In hex. */
  readonly incarnation: string
  readonly epoch: number
}

/** The part of a block that is kept. The block itself is a view of a packet. */
export function originOf(hello: Hello): Origin {
  return { incarnation: b4a.toString(hello.incarnation, 'hex'), epoch: hello.epoch }
}

/** The content of a block. */
export interface Hello {
  /** Random, made once per swarm object: distinguishes a restart from a lost connection. 8 bytes. */
  incarnation: Uint8Array
  /** Counts the handshakes that the peer has sent: shows which of two is the later one. Below 2^32. */
  epoch: number
  /** See topic-proofs.ts. 16 bytes each. */
  proofs: Uint8Array[]
  /** Set in an answer that refuses. */
  refusal: Refusal | null
  /** Memberships in groups, each in a separate field; see groups/statement.ts. */
  statements: Uint8Array[]
  /** Whether it is about an existing connection and asks for none; see connections/topic-updates.ts. Default: false. */
  isTopicUpdate?: boolean
  /**
   * Whether the connection may have several paths; see paths/. In an answer: whether it has, which takes that the other
   * side has said so. Default: false.
   */
  hasPaths?: boolean
  /**
   * Set if it is about an existing connection, which it gives another path of this number; see paths/spare. An answer
   * that agrees repeats it. Below 2^32.
   */
  sparePathId?: number
}

/** The payload followed by a block. */
export function appendHello(payload: Uint8Array, hello: Hello): Uint8Array {
  const origin = b4a.alloc(INCARNATION_BYTES + 4)
  origin.set(hello.incarnation)
  viewOf(origin).setUint32(INCARNATION_BYTES, hello.epoch, true)
  const fields = [field(TAG.origin, origin)]
  if (hello.proofs.length > 0)
    fields.push(
      field(TAG.proofs, b4a.concat(hello.proofs.slice(0, hello.isTopicUpdate ? MAX_UPDATE_PROOFS : MAX_PROOFS)))
    )
  if (hello.refusal !== null) fields.push(field(TAG.refusal, Uint8Array.of(hello.refusal)))
  for (const statement of hello.statements.slice(0, MAX_STATEMENTS)) fields.push(field(TAG.statement, statement))
  if (hello.isTopicUpdate) fields.push(field(TAG.topicUpdate, b4a.alloc(0)))
  if (hello.hasPaths) fields.push(field(TAG.paths, Uint8Array.of(PATHS_VERSION)))
  if (hello.sparePathId !== undefined) fields.push(field(TAG.sparePath, encodePathId(hello.sparePathId)))
  const fieldsLength = b4a.alloc(2)
  viewOf(fieldsLength).setUint16(0, byteLengthOf(fields), true)
  return b4a.concat([payload, ...fields, fieldsLength, MAGIC])
}

/**
 * The block at the end of `payload`, or null if there is none.
 * Throws HANDSHAKE_MALFORMED if there is one with an invalid layout.
 */
export function readHello(payload: Uint8Array): Hello | null {
  const fieldsEnd = payload.byteLength - TRAILER_BYTES
  if (fieldsEnd < 0 || !b4a.equals(payload.subarray(fieldsEnd + 2), MAGIC)) return null
  const fieldsLength = viewOf(payload).getUint16(fieldsEnd, true)
  if (fieldsLength > fieldsEnd || fieldsLength + TRAILER_BYTES > MAX_BLOCK_BYTES) throw malformed('length')
  return readFields(payload.subarray(fieldsEnd - fieldsLength, fieldsEnd))
}

function readFields(bytes: Uint8Array): Hello {
  const hello: Hello = { incarnation: b4a.alloc(0), epoch: 0, proofs: [], refusal: null, statements: [] }
  let offset = 0
  while (offset < bytes.byteLength) {
    if (offset + FIELD_HEADER_BYTES > bytes.byteLength) throw malformed('field header')
    const length = viewOf(bytes).getUint16(offset + 1, true)
    const end = offset + FIELD_HEADER_BYTES + length
    if (end > bytes.byteLength) throw malformed('field length')
    readField(hello, bytes[offset] ?? 0, bytes.subarray(offset + FIELD_HEADER_BYTES, end))
    offset = end
  }
  if (hello.incarnation.byteLength === 0) throw malformed('origin missing')
  if (!hello.isTopicUpdate && hello.proofs.length > MAX_PROOFS) throw malformed('number of proofs')
  return hello
}

function readField(hello: Hello, tag: number, value: Uint8Array): void {
  if (tag === TAG.origin) readOrigin(hello, value)
  else if (tag === TAG.proofs) hello.proofs = readProofs(value)
  else if (tag === TAG.topicUpdate) hello.isTopicUpdate = true
  else if (tag === TAG.paths) hello.hasPaths = (value[0] ?? 0) >= PATHS_VERSION
  else if (tag === TAG.sparePath) hello.sparePathId = readPathId(value)
  else if (tag === TAG.refusal) hello.refusal = readRefusal(value)
  else if (tag === TAG.statement && hello.statements.push(value) > MAX_STATEMENTS)
    throw malformed('number of statements')
}

function readOrigin(hello: Hello, value: Uint8Array): void {
  if (value.byteLength !== INCARNATION_BYTES + 4) throw malformed('origin')
  hello.incarnation = value.subarray(0, INCARNATION_BYTES)
  hello.epoch = viewOf(value).getUint32(INCARNATION_BYTES, true)
}

function encodePathId(pathId: number): Uint8Array {
  const bytes = b4a.alloc(PATH_ID_BYTES)
  viewOf(bytes).setUint32(0, pathId, true)
  return bytes
}

function readPathId(value: Uint8Array): number {
  if (value.byteLength !== PATH_ID_BYTES) throw malformed('number of a path')
  return viewOf(value).getUint32(0, true)
}

/** A reason added by a later version is treated as being full: try again later. */
function readRefusal(value: Uint8Array): Refusal {
  return Object.values(REFUSAL).find((refusal) => refusal === value[0]) ?? REFUSAL.full
}

function readProofs(value: Uint8Array): Uint8Array[] {
  const count = value.byteLength / PROOF_BYTES
  if (!Number.isInteger(count) || count > MAX_UPDATE_PROOFS) throw malformed('proofs')
  return Array.from({ length: count }, (_, i) => value.subarray(i * PROOF_BYTES, (i + 1) * PROOF_BYTES))
}

function field(tag: number, value: Uint8Array): Uint8Array {
  const bytes = b4a.alloc(FIELD_HEADER_BYTES + value.byteLength)
  bytes[0] = tag
  viewOf(bytes).setUint16(1, value.byteLength, true)
  bytes.set(value, FIELD_HEADER_BYTES)
  return bytes
}

function byteLengthOf(parts: Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0)
}

function malformed(what: string): SwarmError {
  return new SwarmError('HANDSHAKE_MALFORMED', `the extension block of a handshake has a bad ${what}`)
}
