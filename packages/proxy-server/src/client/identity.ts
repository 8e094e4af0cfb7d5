import { randomBytes, timingSafeEqual } from 'node:crypto'
import {
  type AnnouncedLimits,
  type Hello,
  NONCE_BYTES,
  RESUME_TOKEN_BYTES,
  SESSION_ID_BYTES
} from '@swarmway/proxy-protocol'

const NO_NONCE = new Uint8Array(NONCE_BYTES)

/** What identifies a session; fixed when it begins. */
export interface ClientIdentity {
  readonly sessionId: Uint8Array
  /** Allows its holder to resume the session. */
  readonly resumeToken: Uint8Array
  /** Proofs of keys are bound to this nonce and to the client's. */
  readonly serverNonce: Uint8Array
  readonly clientNonce: Uint8Array
  /** Numbers the sessions of a server in the order of their greetings: the newer of two has the greater number. */
  readonly serial: number
  /** What the client accepts. */
  readonly limits: AnnouncedLimits
  readonly userAgent: string
}

/** Creates the identity for a client with this HELLO. */
export function createIdentity({ clientNonce = NO_NONCE, limits, userAgent }: Hello, serial: number): ClientIdentity {
  // One allocation instead of three.
  const random = randomBytes(SESSION_ID_BYTES + RESUME_TOKEN_BYTES + NONCE_BYTES)
  const sessionId = random.subarray(0, SESSION_ID_BYTES)
  const resumeToken = random.subarray(SESSION_ID_BYTES, SESSION_ID_BYTES + RESUME_TOKEN_BYTES)
  const serverNonce = random.subarray(SESSION_ID_BYTES + RESUME_TOKEN_BYTES)
  return { sessionId, resumeToken, serverNonce, clientNonce, serial, limits, userAgent }
}

/** Compares in constant time. */
export function isSameToken(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}
