import type { ProxyError } from '../errors.js'
import type { WireError } from '../wire/error-codec.js'
import { bodyOf, named, record } from './body-codec.js'
import { error, type FoundPeer, flag, key, list, peers, shortText, u32 } from './fields.js'
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

/** PRESENT. */
export const presentBody = bodyOf<number>('PRESENT', u32)

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

/** Another server of the fleet, as clients hear of it. */
export interface OtherServer {
  /** A ws:// or wss:// URL. */
  url: string
  /** Sessions. */
  clients: number
  /** Sessions that it takes. */
  maxClients: number
}

/** Most servers in a SERVERS. */
export const MAX_SERVERS = 64

/** SERVERS. */
export const serversBody = bodyOf<readonly OtherServer[]>(
  'SERVERS',
  list('servers', record<OtherServer>({ url: shortText, clients: u32, maxClients: u32 }), MAX_SERVERS)
)

/** HAND_OVER. */
export const handOverBody = bodyOf<{ url: string; withinMs: number }>(
  'HAND_OVER',
  record({ url: shortText, withinMs: u32 })
)

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
  STUN: { number: 67, body: named('port', stunBody), limits: [] },
  /** The other servers of the fleet that can be reached; replaces those of the last SERVERS. */
  SERVERS: { number: 71, body: serversBody, limits: [] },
  /** The server stops in so many milliseconds: go to that server, or to another if the URL is empty. */
  HAND_OVER: { number: 72, body: handOverBody, limits: [] },
  /** The peers of this query's next PEERS are clients of this server or of its fleet, and there now. */
  PRESENT: { number: 73, body: named('queryId', presentBody), limits: [] }
} as const satisfies NoticeTable

/** The numbers of {@link SERVER_NOTICES}. */
export const SERVER_NOTICE: NumbersOf<typeof SERVER_NOTICES> = numbersOf(SERVER_NOTICES)
