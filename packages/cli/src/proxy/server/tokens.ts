import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authenticate } from '@swarmway/proxy-server'

/** Shorter tokens can be guessed. */
const MIN_TOKEN_CHARS = 16
/** Longest token that fits into a greeting. */
const MAX_TOKEN_BYTES = 8192

/** The accepted tokens, kept as hashes so that a comparison always takes the same time. */
export class Tokens {
  #digests: readonly Buffer[]

  /** `text`: one token per line; empty lines and lines that begin with # are ignored. @throws Error */
  constructor(text: string) {
    this.#digests = parse(text)
  }

  /** Number of tokens. */
  get size(): number {
    return this.#digests.length
  }

  /** Replaces the tokens; if it throws, the old ones stay. @throws Error */
  replace(text: string): void {
    this.#digests = parse(text)
  }

  /** Whether the token is accepted; compares all of them in any case. */
  has(token: Uint8Array): boolean {
    const digest = hash(token)
    return this.#digests.filter((known) => timingSafeEqual(known, digest)).length > 0
  }

  /** For a proxy server. A removed token admits no new links; existing links stay. */
  readonly authenticate: Authenticate = ({ auth }) => {
    if (this.has(auth)) return true
    throw new Error(auth.byteLength === 0 ? 'this server wants a token' : 'this server does not know the token')
  }
}

function parse(text: string): Buffer[] {
  const lines = text.split('\n').map((line) => line.trim())
  const digests = lines.flatMap((line, index) => (line === '' || line.startsWith('#') ? [] : [digest(line, index + 1)]))
  if (digests.length === 0) throw new Error('it has no token')
  return digests
}

function digest(token: string, line: number): Buffer {
  const isFine = token.length >= MIN_TOKEN_CHARS && Buffer.byteLength(token) <= MAX_TOKEN_BYTES
  // The token is left out: messages end up in logs.
  if (!isFine) throw new Error(`line ${line} is not ${MIN_TOKEN_CHARS} characters to ${MAX_TOKEN_BYTES} bytes long`)
  return hash(token)
}

function hash(token: string | Uint8Array): Buffer {
  return createHash('sha256').update(token).digest()
}
