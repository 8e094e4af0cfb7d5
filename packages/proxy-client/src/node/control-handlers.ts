/** What the server asks and tells a client, and which part of the node that is for. */
import {
  noticeDispatch,
  type OtherServer,
  type ProxyError,
  requestDispatch,
  SERVER_NOTICES,
  SERVER_REQUESTS,
  type SignBody,
  STREAM_KIND
} from '@swarmway/proxy-protocol'
import type { RemoteAccepts } from './accepts.js'
import type { RemoteDials } from './dials.js'
import type { RemoteQueries } from './queries.js'

/** The parts of a node that hear from the server. */
export interface NodeParts {
  readonly accepts: RemoteAccepts
  readonly dials: RemoteDials
  readonly queries: RemoteQueries
  /** @throws ProxyError `AUTH_DENIED` for what the client did not ask to be announced */
  sign(request: SignBody): Uint8Array
  onKeyLost(publicKey: Uint8Array, error: ProxyError): void
  onTopicDenied(topic: Uint8Array, error: ProxyError): void
  /** Whether the server's DHT answers. */
  onDhtState(isOnline: boolean, nextTryMs: number): void
  onWatchRefused(topic: Uint8Array, error: ProxyError): void
  /** The server's host answers STUN requests at this UDP port. */
  onStun(port: number): void
  /** The other servers of the server's fleet. */
  onServers(servers: readonly OtherServer[]): void
  /** The server is about to stop. */
  onHandOver(url: string, withinMs: number): void
}

/** Answers a request of the server. */
export const answerServer = requestDispatch<typeof SERVER_REQUESTS, NodeParts>(
  SERVER_REQUESTS,
  {
    SIGN: (parts, request) => parts.sign(request),
    DIAL_SEND: ({ dials }, part) => dials.send(part),
    DIAL_RECV: ({ dials }, part) => dials.receive(part),
    ACCEPT_RECV: ({ accepts }, offer) => accepts.receive(offer),
    ACCEPT_SEND: ({ accepts }, part) => accepts.send(part)
  },
  'client'
)

/** Takes a notification of the server. Returns false for one that this version does not know, which is ignored. */
export const takeNotice = noticeDispatch<typeof SERVER_NOTICES, NodeParts>(SERVER_NOTICES, {
  PEERS: ({ queries }, { queryId, peers }) => queries.onPeers(queryId, peers),
  PEER: ({ queries }, { topic, peers }) => queries.onWatchedPeers(topic, peers),
  KEY_LOST: (parts, { publicKey, error }) => parts.onKeyLost(publicKey, error),
  TOPIC_DENIED: (parts, { topic, error }) => parts.onTopicDenied(topic, error),
  LOCAL: ({ accepts, dials }, { kind, id }) => (kind === STREAM_KIND.DIAL ? dials : accepts).setLocal(id),
  DHT_STATE: (parts, { isOnline, nextTryMs }) => parts.onDhtState(isOnline, nextTryMs),
  WATCH_REFUSED: (parts, { topic, error }) => parts.onWatchRefused(topic, error),
  STUN: (parts, port) => parts.onStun(port),
  SERVERS: (parts, servers) => parts.onServers(servers),
  HAND_OVER: (parts, { url, withinMs }) => parts.onHandOver(url, withinMs),
  PRESENT: ({ queries }, queryId) => queries.onPresent(queryId)
})
