import {
  type AnnouncedLimits,
  decodeDenied,
  decodeWelcome,
  encodeHello,
  FRAME,
  type Link,
  ProxyError,
  type ResumeClaim,
  type Welcome
} from '@swarmway/proxy-protocol'
import type { UplinkSettings } from '../../options.js'

/** The largest answer to a greeting; bounds what a server can make us hold until then. */
const MAX_ANSWER_BYTES = 4096

/** What a greeting needs. */
export interface Greeting {
  readonly link: Link
  readonly limits: AnnouncedLimits
  /** For proofs of a new session. */
  readonly clientNonce: Uint8Array
  /** The session to resume, if any. */
  readonly resume: ResumeClaim | null
  readonly auth: Uint8Array
  readonly settings: Pick<UplinkSettings, 'clock' | 'connectTimeoutMs' | 'userAgent'>
  /** Takes the server's answer within the same turn: frames of the session may follow at once. */
  onWelcome(welcome: Welcome): void
}

/** Sends HELLO on a fresh link. Resolves after `onWelcome`; rejects with a `ProxyError`, which says whether and when to try again. */
export function greet(greeting: Greeting): Promise<void> {
  const { auth, clientNonce, link, limits, resume, settings } = greeting
  const { clock, connectTimeoutMs, userAgent } = settings
  const { maxFrameBytes } = link
  link.maxFrameBytes = MAX_ANSWER_BYTES
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => link.destroy(noAnswer(connectTimeoutMs)), connectTimeoutMs)
    const settle = (error: Error | null) => {
      clock.clearTimeout(timer)
      if (error === null) resolve()
      else reject(error)
    }
    link.handler = {
      onFrame: (type, body) => {
        link.maxFrameBytes = maxFrameBytes
        settle(onAnswer(type, body, greeting))
      },
      onClose: (error) => settle(error)
    }
    link.send(encodeHello({ auth, userAgent, limits, clientNonce, ...(resume && { resume }) }))
  })
}

/** Why we are refused, or null if we are not. An error that it throws ends the link. */
function onAnswer(type: number, body: Uint8Array, greeting: Greeting): Error | null {
  if (type === FRAME.WELCOME) {
    greeting.onWelcome(decodeWelcome(body))
    return null
  }
  if (type !== FRAME.DENIED)
    throw new ProxyError('NOT_A_PROXY', 'the server answered with something other than a greeting')
  const { error } = decodeDenied(body)
  // This answer is the reason, not the end of the link.
  greeting.link.handler = null
  greeting.link.destroy(error)
  return error
}

function noAnswer(timeoutMs: number): ProxyError {
  return new ProxyError('LINK_TIMEOUT', `the server did not answer within ${timeoutMs} ms`)
}
