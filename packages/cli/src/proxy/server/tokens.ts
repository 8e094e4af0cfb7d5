import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authenticate } from '@swarmway/proxy-server'

/** Shorter ones can be guessed. */
const MIN_TOKEN_CHARS = 16
/** What fits into a greeting. */
const MAX_TOKEN_BYTES = 8192

/** The tokens that open the door. Kept as hashes, so that comparing takes the same time whatever is compared. */
export class Tokens {
  #digests: readonly Buffer[]

  /** `text`: a token to a line; empty lines and those that begin with # do not count. @throws Error */
  constructor(text: string) {
    this.#digests = parse(text)
  }

  /** How many there are. */
  get size(): number {
    return this.#digests.length
  }

  /** Takes other ones in their place, or, if it throws, none. @throws Error */
  replace(text: string): void {
    this.#digests = parse(text)
  }

  /** Whether it is one of them; looks at all, whichever it is. */
  has(token: Uint8Array): boolean {
    const digest = hash(token)
    return this.#digests.filter((known) => timingSafeEqual(known, digest)).length > 0
  }

  /** For a proxy server. A token that is gone lets no link in any more; links that are there stay. */
  readonly authenticate: Authenticate = ({ auth }) => {
    if (this.has(auth)) return true
    throw new Error(auth.byteLength === 0 ? 'this server wants a token' : 'this server does not know the token')
  }
}

function parse(text: string): Buffer[] {
  const lines = text.split('\n').map((line) => line.trim())
  const digests = lines.flatMap((line, index) => (line === '' || line.startsWith('#') ? [] : [digest(line, index + 1)]))
  if (digests.length === 0) throw new Error('it holds no token')
  return digests
}

function digest(token: string, line: number): Buffer {
  const isFine = token.length >= MIN_TOKEN_CHARS && Buffer.byteLength(token) <= MAX_TOKEN_BYTES
  // Without the token: messages end up in logs.
  if (!isFine) throw new Error(`line ${line} is not ${MIN_TOKEN_CHARS} characters to ${MAX_TOKEN_BYTES} bytes long`)
  return hash(token)
}

function hash(token: string | Uint8Array): Buffer {
  return createHash('sha256').update(token).digest()
}
