import type { BodyCodec, PeerStream, ProxyError, RequestOptions, SignBody } from '@swarmway/proxy-protocol'
import type { ClientLimits } from '../limits.js'

/** A client as the parts of the server see it. */
export interface Client {
  readonly limits: ClientLimits
  /** Its session is over. */
  readonly destroyed: boolean
  /** It has a link at the moment. */
  readonly attached: boolean
  /** The name by which it asked for the server, if that is known. */
  readonly host: string | null
  /** Whether it may have another stream. */
  readonly hasRoomForStream: boolean
  /** Fires with the session's end. */
  readonly signal: AbortSignal
  /**
   * Asks the client and reads its answer. Rejects with a `ProxyError`: the client's own, `REQUEST_TIMEOUT`, or what
   * ended its session, which an unreadable answer does.
   */
  request<T>(op: number, body: Uint8Array, answer: BodyCodec<T>, options?: RequestOptions): Promise<T>
  /** Asks for the signature of an announcement. Rejects likewise. */
  sign(body: SignBody, signal?: AbortSignal): Promise<Uint8Array>
  /** Tells the client. What does not fit into its buffers is dropped. */
  notify(op: number, body: Uint8Array): void
  /** Opens a stream to it. @throws ProxyError `LIMIT`, or what ended its session */
  openStream(kind: 0 | 1, id: number): PeerStream
  /** Resolves if the client may use the topic. Rejects with `AUTH_DENIED` or `AUTH_TIMEOUT`. */
  assertTopic(topic: Uint8Array): Promise<void>
  /** The error for a refusal by one of its limits (`LIMIT`), which is counted. */
  atLimit(name: keyof ClientLimits, what: string): ProxyError
  /** Ends its session. */
  destroy(error: ProxyError): void
}
