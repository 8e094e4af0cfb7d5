import type { ProxyError } from '../errors.js'
import type { WireError } from '../wire/error-codec.js'
import { bodyOf, named, record } from './body-codec.js'
import { error, type FoundPeer, flag, key, peers, u32 } from './fields.js'
import { type NoticeTable, type NumbersOf, numbersOf } from './operation.js'
import { streamMeta } from './shared-bodies.js'

/** PEERS. */
export const queryPeersBody = bodyOf<{ queryId: number; peers: FoundPeer[] }>('PEERS', record({ queryId: u32, peers }))

/** PEER. */
export const topicPeersBody = bodyOf<{ topic: Uint8Array; peers: FoundPeer[] }>('PEER', record({ topic: key, peers }))

type KeyLost<E> = { publicKey: Uint8Array; error: E }

/** KEY_LOST. */
export const keyLostBody = bodyOf(
  'KEY_LOST',
  record<KeyLost<ProxyError>, KeyLost<WireError>>({ publicKey: key, error })
)

type TopicDenied<E> = { topic: Uint8Array; error: E }

/** TOPIC_DENIED. */
export const topicDeniedBody = bodyOf(
  'TOPIC_DENIED',
  record<TopicDenied<ProxyError>, TopicDenied<WireError>>({ topic: key, error })
)

/** DHT_STATE. */
export const dhtStateBody = bodyOf<{ isOnline: boolean; nextTryMs: number }>(
  'DHT_STATE',
  record({ isOnline: flag, nextTryMs: u32 })
)

type WatchRefused<E> = { topic: Uint8Array; error: E }

/** WATCH_REFUSED. */
export const watchRefusedBody = bodyOf(
  'WATCH_REFUSED',
  record<WatchRefused<ProxyError>, WatchRefused<WireError>>({ topic: key, error })
)

/** STUN. */
export const stunBody = bodyOf<number>('a UDP port', u32)

/** What a server tells a client. */
export const SERVER_NOTICES = {
  /** Peers that a QUERY found. */
  PEERS: { number: 60, body: queryPeersBody, limits: ['maxLocalPeers'] },
  /** Peers that appeared on a watched topic. */
  PEER: { number: 61, body: topicPeersBody, limits: ['maxLocalPeers'] },
  /** The client no longer listens on a key, because a newer session has proved that it holds it. */
  KEY_LOST: { number: 62, body: keyLostBody, limits: [] },
  /** The client may no longer use a topic: what it watched, looked up and announced there has ended. */
  TOPIC_DENIED: { number: 63, body: topicDeniedBody, limits: [] },
  /** The stream with this meta, which opens next, leads to another client of this server: it needs no keep-alives. */
  LOCAL: { number: 64, body: streamMeta, limits: [] },
  /** No DHT node answers the server any more, which asks again after `nextTryMs`; or one does again. Online at first. */
  DHT_STATE: { number: 65, body: dhtStateBody, limits: [] },
  /** A WATCH has no effect, because the client watches too many topics. */
  WATCH_REFUSED: { number: 66, body: watchRefusedBody, limits: [] },
  /** The host of the server, as the client knows it, answers STUN requests at this UDP port. */
  STUN: { number: 67, body: named('port', stunBody), limits: [] }
} as const satisfies NoticeTable

/** The numbers of {@link SERVER_NOTICES}. */
export const SERVER_NOTICE: NumbersOf<typeof SERVER_NOTICES> = numbersOf(SERVER_NOTICES)
