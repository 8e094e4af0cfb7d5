import { randomBytes } from 'node:crypto'
import {
  type Clock,
  decodeHello,
  encodeWelcome,
  FRAME,
  type Hello,
  Link,
  NONCE_BYTES,
  ProxyError,
  RESUME_TOKEN_BYTES,
  SESSION_ID_BYTES,
  Session,
  type SessionOptions,
  withoutStack
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { isSameToken } from '../../client/identity.js'
import { nameOf } from '../presence/own-topics.js'
import { LINK_FLUSH_BYTES, LINK_GRACE_MS, LINK_LIMITS } from './link-limits.js'
import type { SealedDuplex } from './sealed-duplex.js'

/** Sessions of one other server: it needs one, and has another for a moment when it has lost its state. */
const MAX_SESSIONS_PER_SERVER = 4

interface Incoming {
  readonly serverId: string
  readonly sessionId: Uint8Array
  readonly resumeToken: Uint8Array
  readonly session: Session
  graceTimer: unknown
}

/** What the links of other servers are given. */
export interface IncomingHost {
  readonly clock: Clock
  /** Whether this is a server of the fleet. */
  isServer(id: string): boolean
  /** The handlers of a session with this server. */
  sessionOptions(serverId: string): Pick<SessionOptions, 'onRequest' | 'onChannel'>
}

/** The sessions that other servers have begun with this one. */
export class IncomingLinks {
  readonly #host: IncomingHost
  readonly #all = new Set<Incoming>()

  constructor(host: IncomingHost) {
    this.#host = host
  }

  /** Sessions. */
  get size(): number {
    return this.#all.size
  }

  /** Whether the server with this id has one that is connected. */
  isOpen(id: string): boolean {
    return [...this.#all].some(({ serverId, session }) => serverId === id && session.attached)
  }

  /** Takes a connection whose other end has proved its key. */
  accept(stream: SealedDuplex): void {
    const serverId = nameOf(stream.remotePublicKey)
    if (!this.#host.isServer(serverId)) {
      stream.destroy()
      return
    }
    const link = new Link(stream, null, { clock: this.#host.clock, limits: LINK_LIMITS, flushBytes: LINK_FLUSH_BYTES })
    link.maxFrameBytes = LINK_LIMITS.maxGreetingBytes
    const late = withoutStack('LINK_TIMEOUT', 'the server did not greet')
    const timer = this.#host.clock.setTimeout(() => link.close(late), LINK_GRACE_MS)
    link.handler = {
      onFrame: (type, body) => {
        this.#host.clock.clearTimeout(timer)
        if (type === FRAME.HELLO) this.#greet(serverId, link, decodeHello(body))
        else link.close(new ProxyError('PROTOCOL_ERROR', 'the first frame is not a greeting'))
      },
      onClose: () => this.#host.clock.clearTimeout(timer)
    }
  }

  /** A server is not heard any more: its sessions end, but those that are connected. */
  drop(serverId: string, error: ProxyError): void {
    for (const { serverId: id, session } of [...this.#all])
      if (id === serverId && !session.attached) session.destroy(error)
  }

  /** Ends all sessions. */
  destroy(error: ProxyError): void {
    for (const { session } of [...this.#all]) session.destroy(error)
  }

  #greet(serverId: string, link: Link, { limits, resume }: Hello): void {
    const known = [...this.#all].find(
      (one) =>
        one.serverId === serverId &&
        resume !== undefined &&
        b4a.equals(one.sessionId, resume.sessionId) &&
        isSameToken(one.resumeToken, resume.resumeToken)
    )
    const incoming = known ?? this.#open(serverId)
    this.#host.clock.clearTimeout(incoming.graceTimer)
    if (known !== undefined) known.session.detach()
    const { resumeToken, session, sessionId } = incoming
    const welcome = { resumed: known !== undefined, sessionId, resumeToken, received: session.received }
    const serverNonce = new Uint8Array(NONCE_BYTES)
    link.send(encodeWelcome({ ...welcome, serverNonce, limits: LINK_LIMITS, graceMs: LINK_GRACE_MS }))
    link.flush()
    link.maxFrameBytes = LINK_LIMITS.maxFrameBytes
    session.attach(link, known === undefined ? 0 : (resume?.received ?? 0), limits)
  }

  #open(serverId: string): Incoming {
    const mine = [...this.#all].filter((one) => one.serverId === serverId)
    if (mine.length >= MAX_SESSIONS_PER_SERVER) mine[0]?.session.destroy(new ProxyError('LIMIT', 'too many sessions'))
    const session = new Session({
      isInitiator: false,
      label: `from ${serverId.slice(0, 8)}`,
      limits: LINK_LIMITS,
      clock: this.#host.clock,
      ...this.#host.sessionOptions(serverId),
      onDetach: () => this.#startGrace(incoming),
      onClose: () => this.#forget(incoming)
    })
    const incoming: Incoming = {
      serverId,
      session,
      sessionId: randomBytes(SESSION_ID_BYTES),
      resumeToken: randomBytes(RESUME_TOKEN_BYTES),
      graceTimer: null
    }
    this.#all.add(incoming)
    return incoming
  }

  #startGrace(incoming: Incoming): void {
    const error = new ProxyError('SESSION_EXPIRED', 'the link between the servers was lost')
    incoming.graceTimer = this.#host.clock.setTimeout(() => incoming.session.destroy(error), LINK_GRACE_MS)
  }

  #forget(incoming: Incoming): void {
    this.#host.clock.clearTimeout(incoming.graceTimer)
    this.#all.delete(incoming)
  }
}
