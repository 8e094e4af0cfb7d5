import { decodeHello, FRAME, FrameDecoder } from '@swarmway/proxy-protocol'

/** What the first bytes of a link are: an incomplete greeting, a greeting that resumes a session, or anything else. */
export type Claim =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'session'; readonly id: string }
  | { readonly kind: 'other' }

const OTHER: Claim = { kind: 'other' }

/** Finds the session that a client wants to resume. The server decides whether it may. */
export function readClaim(bytes: Uint8Array, maxFrameBytes: number): Claim {
  let claim: Claim = { kind: 'incomplete' }
  const decoder = new FrameDecoder(maxFrameBytes, (type, body) => {
    decoder.stop()
    claim = claimOf(type, body)
  })
  try {
    decoder.push(bytes)
    return claim
  } catch {
    return OTHER
  }
}

function claimOf(type: number, body: Uint8Array): Claim {
  if (type !== FRAME.HELLO) return OTHER
  const { resume } = decodeHello(body)
  return resume === undefined ? OTHER : { kind: 'session', id: Buffer.from(resume.sessionId).toString('hex') }
}
