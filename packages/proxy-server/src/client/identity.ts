import { randomFillSync, timingSafeEqual } from 'node:crypto'
import {
  type AnnouncedLimits,
  type Hello,
  NONCE_BYTES,
  RESUME_TOKEN_BYTES,
  SESSION_ID_BYTES
} from '@swarmway/proxy-protocol'

const NO_NONCE = new Uint8Array(NONCE_BYTES)

/** Where the parts of an identity's bytes end. */
const SESSION_ID_END = SESSION_ID_BYTES
const RESUME_TOKEN_END = SESSION_ID_END + RESUME_TOKEN_BYTES
const SERVER_NONCE_END = RESUME_TOKEN_END + NONCE_BYTES

/** What identifies a session; fixed when it begins. */
export class ClientIdentity {
  /** Numbers the sessions of a server in the order of their greetings: the newer of two has the greater number. */
  readonly serial: number
  /** What the client accepts. */
  readonly limits: AnnouncedLimits
  readonly userAgent: string
  /** All of them, because each buffer takes as much memory as what is in it. */
  readonly #bytes: Buffer

  /** For a client with this HELLO. */
  constructor({ clientNonce = NO_NONCE, limits, userAgent }: Hello, serial: number) {
    this.serial = serial
    this.limits = limits
    this.userAgent = userAgent
    this.#bytes = Buffer.allocUnsafe(SERVER_NONCE_END + NONCE_BYTES)
    randomFillSync(this.#bytes, 0, SERVER_NONCE_END)
    this.#bytes.set(clientNonce, SERVER_NONCE_END)
  }

  get sessionId(): Uint8Array {
    return this.#bytes.subarray(0, SESSION_ID_END)
  }

  /** Allows its holder to resume the session. */
  get resumeToken(): Uint8Array {
    return this.#bytes.subarray(SESSION_ID_END, RESUME_TOKEN_END)
  }

  /** Proofs of keys are bound to this nonce and to the client's. */
  get serverNonce(): Uint8Array {
    return this.#bytes.subarray(RESUME_TOKEN_END, SERVER_NONCE_END)
  }

  get clientNonce(): Uint8Array {
    return this.#bytes.subarray(SERVER_NONCE_END)
  }
}

/** Compares in constant time. */
export function isSameToken(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}
