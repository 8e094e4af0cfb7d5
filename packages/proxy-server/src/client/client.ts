import type {
  ChannelShell,
  NoticeSender,
  PeerStream,
  ProxyError,
  RequestOptions,
  RequestSender,
  SignBody,
  StreamChannel,
  StreamMeta
} from '@swarmway/proxy-protocol'
import type { ClientLimits } from '../limits.js'

/** A client, as the parts of the server see it. They send with `ask` and `tell`. */
export interface Client extends NoticeSender, RequestSender {
  readonly limits: ClientLimits
  /** The network of its latest link, see `networkOf`; of its own if its address is unknown. */
  readonly network: string
  /** Whether its session is over. */
  readonly destroyed: boolean
  /** Whether it has a link at the moment. */
  readonly attached: boolean
  /** The name by which the client addressed the server; null if unknown. */
  readonly host: string | null
  /** Whether it may open another stream. */
  readonly hasRoomForStream: boolean
  /** Fires when the session ends. */
  readonly signal: AbortSignal
  /**
   * Sends a request to the client. Rejects with a `ProxyError`: the client's own, `REQUEST_TIMEOUT`, or what ended its
   * session.
   */
  request(op: number, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array>
  /** Ends the session. */
  onUnreadable(error: ProxyError): void
  /** Requests the signature of an announcement. Rejects like `ask`. */
  sign(body: SignBody, signal?: AbortSignal): Promise<Uint8Array>
  /** Notifies the client. A notification that does not fit into its buffers is dropped. */
  notify(op: number, body: Uint8Array): void
  /** Opens a stream to it. @throws ProxyError `LIMIT`, or what ended its session */
  openStream(meta: StreamMeta): PeerStream
  /** Opens a stream to it for a shell. @throws ProxyError like `openStream` */
  openChannel(shell: ChannelShell, meta: StreamMeta): StreamChannel
  /** Counts a stream from `openChannel` that ended with an error. */
  countReset(error: Error): void
  /** Resolves if the client may use the topic. Rejects with `AUTH_DENIED` or `AUTH_TIMEOUT`. */
  assertTopic(topic: Uint8Array): Promise<void>
  /** Counts a refusal by one of its limits and returns the error (`LIMIT`). */
  atLimit(name: keyof ClientLimits, what: string): ProxyError
  /** Counts a LISTEN. @throws ProxyError `RATE_LIMIT` */
  countListen(): void
  /** Ends its session. */
  destroy(error: ProxyError): void
}
