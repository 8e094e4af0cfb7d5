import type { ProxyError, Session, SessionOptions } from '@swarmway/proxy-protocol'

/** Events of the link and the session. */
export interface UplinkListener {
  /** The handlers for the server's requests; used for each new session. */
  readonly sessionOptions: Pick<SessionOptions, 'onRequest' | 'onNotify' | 'onStream'>
  /** A link is up. `isResumed` is false with a new session, which knows nothing of an earlier one. */
  onConnected(session: Session, isResumed: boolean): void
  /** The link is down or could not be made. `retryMs` is null if no retry follows. */
  onDisconnected(error: ProxyError, retryMs: number | null): void
  /** The session has ended. */
  onSessionLost(error: ProxyError): void
}
