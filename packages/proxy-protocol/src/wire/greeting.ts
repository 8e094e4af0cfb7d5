import { printable } from '@swarmway/runtime'
/**
 * The greeting: the frames that begin a link. The layouts show the body; integers are little-endian.
 *
 *     HELLO    magic 8, version u16, flags u8 (1: resume), [sessionId 16, resumeToken 32, received u53],
 *              clientNonce 32, limits 16, userAgent u8 length + UTF-8, auth u16 length + bytes
 *     WELCOME  magic 8, version u16, flags u8 (1: resumed), sessionId 16, resumeToken 32, received u53,
 *              serverNonce 32, limits 16, graceMs u32
 *     DENIED   magic 8, version u16, flags u8 (1: retry, 2: retryAfterMs), error, [retryAfterMs u32]
 *     limits   maxStreams u32, maxRequests u32, requestsPerSecond u32, maxBodyBytes u32
 *
 * The magic is "SWARMWAY", u53 is eight bytes holding an integer below 2^53, and error is described in
 * `error-codec.ts`. The first ten bytes of HELLO and WELCOME, and the whole of DENIED, stay the same in all versions,
 * so that each version can recognise and report another.
 */
import b4a from 'b4a'
import { notAProxy, type ProxyError, versionMismatch, withoutStack } from '../errors.js'
import { ByteReader, type ByteWriter, utf8 } from './bytes.js'
import { readError, type WireError, writeError } from './error-codec.js'
import { FRAME } from './frame-types.js'
import { buildFrame } from './framing.js'

/** The version that this package speaks. */
export const PROTOCOL_VERSION = 2
/** Bytes of a session id. */
export const SESSION_ID_BYTES = 16
/** Bytes of a resume token. */
export const RESUME_TOKEN_BYTES = 32
/** Bytes of each side's nonce. */
export const NONCE_BYTES = 32
/** Most bytes of a user agent string. */
export const MAX_USER_AGENT_BYTES = 255
/** Most bytes of a HELLO's auth block. */
export const MAX_AUTH_BYTES = 8192

const MAGIC = b4a.from('SWARMWAY')
const FLAG = 1
/** Of DENIED: the time to wait follows. */
const RETRY_AFTER_FLAG = 2
/** The longest time that a DENIED carries. */
const MAX_WAIT_MS = 0xffffffff

/** The limits that each side announces to the other, so that an honest peer never hits them. */
export interface AnnouncedLimits {
  /** Streams that the receiver of this block may have open. */
  readonly maxStreams: number
  /** Requests that the receiver may have in flight. */
  readonly maxRequests: number
  /** Requests that the receiver may send per second. */
  readonly requestsPerSecond: number
  /** Bytes of a body that the receiver may send. */
  readonly maxBodyBytes: number
}

/** The session that a client wants to resume. */
export interface ResumeClaim {
  /** {@link SESSION_ID_BYTES} bytes. */
  readonly sessionId: Uint8Array
  /** {@link RESUME_TOKEN_BYTES} bytes; the proof that the session is the client's. */
  readonly resumeToken: Uint8Array
  /** Sequenced frames that the client has received. */
  readonly received: number
}

/** The client's first frame. */
export interface Hello {
  /** Absent for a new session. */
  readonly resume?: ResumeClaim
  /**
   * {@link NONCE_BYTES} random bytes to which proofs of a new session are bound, together with the server's nonce;
   * ignored when a session is resumed. Default: zeros, for a client that does not listen on any key. Always present
   * in the result of `decodeHello`.
   */
  readonly clientNonce?: Uint8Array
  /** The client's limits. */
  readonly limits: AnnouncedLimits
  /** Free text, at most {@link MAX_USER_AGENT_BYTES} bytes of UTF-8. Safe to print once decoded. */
  readonly userAgent: string
  /** For the server's `authenticate`; opaque here, at most {@link MAX_AUTH_BYTES} bytes. */
  readonly auth: Uint8Array
}

/** The server's answer to a client that it accepts. */
export interface Welcome {
  /** Whether the claimed session was resumed; false: this is a new session, and the state of the old one is lost. */
  readonly resumed: boolean
  /** {@link SESSION_ID_BYTES} bytes. */
  readonly sessionId: Uint8Array
  /** {@link RESUME_TOKEN_BYTES} bytes, for the next HELLO. */
  readonly resumeToken: Uint8Array
  /** Sequenced frames that the server has received in this session. */
  readonly received: number
  /** {@link NONCE_BYTES} bytes to which the client binds its proofs. */
  readonly serverNonce: Uint8Array
  /** The server's limits. */
  readonly limits: AnnouncedLimits
  /** Milliseconds that the session outlives its link. */
  readonly graceMs: number
}

/** The server's answer to a client that it refuses. */
export interface Denied {
  /** Code and reason; `remote` is true on a decoded one. */
  readonly error: WireError
  /** Whether a later attempt may succeed. */
  readonly retry: boolean
  /** Milliseconds before which a later attempt is in vain; 2^32 - 1 if it is more. Default: the client decides. */
  readonly retryAfterMs?: number | undefined
}

/**
 * Encodes a HELLO as a whole frame.
 * @throws RangeError for an id, token, nonce or auth block of the wrong size
 */
export function encodeHello(hello: Hello): Uint8Array {
  if (hello.auth.byteLength > MAX_AUTH_BYTES) throw new RangeError(`auth has more than ${MAX_AUTH_BYTES} bytes`)
  const agent = utf8(hello.userAgent, MAX_USER_AGENT_BYTES)
  return buildFrame(FRAME.HELLO, (writer) => {
    writePrologue(writer, hello.resume !== undefined)
    if (hello.resume !== undefined) writeClaim(writer, hello.resume)
    writer.raw(sized(hello.clientNonce ?? b4a.alloc(NONCE_BYTES), NONCE_BYTES, 'clientNonce'))
    writeLimits(writer, hello.limits)
    writer.u8(agent.byteLength).raw(agent).u16(hello.auth.byteLength).raw(hello.auth)
  })
}

/**
 * Decodes the body of a HELLO.
 * @throws ProxyError `NOT_A_PROXY`, `VERSION_MISMATCH` or `PROTOCOL_ERROR`
 */
export function decodeHello(body: Uint8Array): Hello & { readonly clientNonce: Uint8Array } {
  const reader = new ByteReader(body, 'HELLO')
  const resume = readPrologue(reader) ? readClaim(reader) : undefined
  const clientNonce = reader.copy(NONCE_BYTES)
  const limits = readLimits(reader)
  const userAgent = printable(reader.text(reader.u8()))
  const auth = reader.copy(reader.u16())
  reader.end()
  return { ...(resume !== undefined && { resume }), clientNonce, limits, userAgent, auth }
}

/**
 * Encodes a WELCOME as a whole frame.
 * @throws RangeError for an id, token or nonce of the wrong size
 */
export function encodeWelcome(welcome: Welcome): Uint8Array {
  return buildFrame(FRAME.WELCOME, (writer) => {
    writePrologue(writer, welcome.resumed)
    writeClaim(writer, welcome)
    writer.raw(sized(welcome.serverNonce, NONCE_BYTES, 'serverNonce'))
    writeLimits(writer, welcome.limits)
    writer.u32(welcome.graceMs)
  })
}

/**
 * Decodes the body of a WELCOME.
 * @throws ProxyError `NOT_A_PROXY`, `VERSION_MISMATCH` or `PROTOCOL_ERROR`
 */
export function decodeWelcome(body: Uint8Array): Welcome {
  const reader = new ByteReader(body, 'WELCOME')
  const resumed = readPrologue(reader)
  const claim = readClaim(reader)
  const serverNonce = reader.copy(NONCE_BYTES)
  const limits = readLimits(reader)
  const graceMs = reader.u32()
  reader.end()
  return { resumed, ...claim, serverNonce, limits, graceMs }
}

/** Encodes a DENIED as a whole frame. */
export function encodeDenied({ error, retry, retryAfterMs }: Denied): Uint8Array {
  return buildFrame(FRAME.DENIED, (writer) => {
    writer
      .raw(MAGIC)
      .u16(PROTOCOL_VERSION)
      .u8((retry ? FLAG : 0) | (retryAfterMs === undefined ? 0 : RETRY_AFTER_FLAG))
    writeError(writer, error)
    if (retryAfterMs !== undefined) writer.u32(Math.min(Math.round(retryAfterMs), MAX_WAIT_MS))
  })
}

/**
 * Decodes the body of a DENIED; the error says likewise whether, and when, to try again. The version is not checked,
 * because a server of another version answers with this frame.
 * @throws ProxyError `NOT_A_PROXY` or `PROTOCOL_ERROR`
 */
export function decodeDenied(body: Uint8Array): Denied & { readonly error: ProxyError } {
  const reader = new ByteReader(body, 'DENIED')
  readMagic(reader)
  reader.u16()
  const flags = reader.flags(FLAG | RETRY_AFTER_FLAG)
  const { code, message } = readError(reader)
  const retry = (flags & FLAG) !== 0
  const hint = (flags & RETRY_AFTER_FLAG) !== 0 ? { retryAfterMs: reader.u32() } : {}
  reader.end()
  return { error: withoutStack(code, message, { remote: true, retryable: retry, ...hint }), retry, ...hint }
}

function writePrologue(writer: ByteWriter, flag: boolean): void {
  writer
    .raw(MAGIC)
    .u16(PROTOCOL_VERSION)
    .u8(flag ? FLAG : 0)
}

function readPrologue(reader: ByteReader): boolean {
  readMagic(reader)
  const version = reader.u16()
  if (version !== PROTOCOL_VERSION) throw versionMismatch(version, PROTOCOL_VERSION)
  return reader.flags(FLAG) === FLAG
}

function readMagic(reader: ByteReader): void {
  if (reader.left < MAGIC.byteLength + 2 || !b4a.equals(reader.raw(MAGIC.byteLength), MAGIC)) throw notAProxy()
}

function writeClaim(writer: ByteWriter, claim: ResumeClaim): void {
  writer.raw(sized(claim.sessionId, SESSION_ID_BYTES, 'sessionId'))
  writer.raw(sized(claim.resumeToken, RESUME_TOKEN_BYTES, 'resumeToken'))
  writer.u53(claim.received)
}

function readClaim(reader: ByteReader): ResumeClaim {
  const sessionId = reader.copy(SESSION_ID_BYTES)
  const resumeToken = reader.copy(RESUME_TOKEN_BYTES)
  return { sessionId, resumeToken, received: reader.u53() }
}

function writeLimits(writer: ByteWriter, limits: AnnouncedLimits): void {
  writer.u32(limits.maxStreams).u32(limits.maxRequests).u32(limits.requestsPerSecond).u32(limits.maxBodyBytes)
}

function readLimits(reader: ByteReader): AnnouncedLimits {
  return {
    maxStreams: reader.u32(),
    maxRequests: reader.u32(),
    requestsPerSecond: reader.u32(),
    maxBodyBytes: reader.u32()
  }
}

function sized(bytes: Uint8Array, length: number, name: string): Uint8Array {
  if (bytes.byteLength === length) return bytes
  throw new RangeError(`${name} has ${bytes.byteLength} bytes instead of ${length}`)
}
