import {
  type DuplexLike,
  Link,
  NONCE_BYTES,
  type ProxyError,
  Session,
  type SessionOptions,
  type Welcome
} from '@swarmway/proxy-protocol'
import type { Clock } from '@swarmway/runtime'
import b4a from 'b4a'
import sodium from 'sodium-universal'
import type { Connect, UplinkSettings } from '../../options.js'
import type { Opened } from '../links/opener.js'
import type { ResumableSession } from './current-session.js'
import { greet } from './greeting.js'

/** What sessions and greetings need of the uplink. */
export interface GreetingsHost {
  /** The handlers for the server's requests. */
  readonly sessionOptions: Pick<SessionOptions, 'onRequest' | 'onNotify' | 'onStream'>
  readonly label: string
  /** Milliseconds for this server to answer. */
  timeoutMs(connect: Connect): number
  onOverdue(session: Session): void
  onDetach(session: Session, error: ProxyError): void
  onClose(session: Session, error: ProxyError): void
}

let labelled = 0

/** Names the sessions of one uplink in traces: uplinks are numbered as they are made, in each process. */
export function nextLabel(): string {
  return `client-${++labelled}`
}

/** Makes links, greets over them, and makes the session that an answer may begin. */
export class Greetings {
  readonly #settings: UplinkSettings
  /** Links watch themselves. */
  readonly #linkClock: Clock
  readonly #host: GreetingsHost

  constructor(settings: UplinkSettings, linkClock: Clock, host: GreetingsHost) {
    this.#settings = settings
    this.#linkClock = linkClock
    this.#host = host
  }

  createLink(duplex: DuplexLike): Link {
    return new Link(duplex, null, { clock: this.#linkClock, limits: this.#settings.limits, keepsAlive: true })
  }

  /** Asks to resume `known`, if given. Resolves after `onWelcome`, which gets what a new session would be. */
  begin(
    link: Link,
    { auth, connect }: Pick<Opened, 'auth' | 'connect'>,
    known: ResumableSession | null,
    onWelcome: (fresh: ResumableSession) => void
  ): Promise<void> {
    const settings = { ...this.#settings, connectTimeoutMs: this.#host.timeoutMs(connect) }
    // Created before the answer, because the server wants to know its limits; kept only if it starts a new session.
    const session = this.#makeSession()
    const resume = known && { ...known.welcome, received: known.session.received }
    const clientNonce = b4a.alloc(NONCE_BYTES)
    sodium.randombytes_buf(clientNonce)
    return greet({
      auth,
      link,
      limits: session.announcedLimits,
      clientNonce,
      resume,
      settings,
      onWelcome: (welcome: Welcome) => onWelcome({ session, welcome, clientNonce, connect })
    })
  }

  #makeSession(): Session {
    const { clock, limits } = this.#settings
    const { label, onClose, onDetach, onOverdue, sessionOptions } = this.#host
    const session: Session = new Session({
      isInitiator: true,
      label,
      clock,
      limits,
      ...sessionOptions,
      onOverdue: () => onOverdue(session),
      onDetach: (error) => onDetach(session, error),
      onClose: (error) => onClose(session, error)
    })
    return session
  }
}
