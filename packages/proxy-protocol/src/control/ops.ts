/**
 * What client and server ask and tell each other on a session: the numbers of requests, notifications and stream
 * kinds. The bodies are in `codecs.ts`.
 */

/** Requests of the client. */
export const CLIENT_REQUEST = {
  /** Accept connections on a key, which the client proves to hold. Answered when the key is announced. */
  LISTEN: 1,
  /** Undo LISTEN. */
  UNLISTEN: 2,
  /** Look up or announce a topic. Peers come as PEERS notifications before the answer. */
  QUERY: 3,
  /** Withdraw the announcement of a topic. */
  UNANNOUNCE: 4,
  /** Connect to a peer. Answered after the stream was opened, or with the code that ended the dial. */
  CONNECT: 5,
  /** Ask the DHT for a peer's record. */
  FIND_PEER: 6,
  MUTABLE_PUT: 7,
  MUTABLE_GET: 8,
  IMMUTABLE_PUT: 9,
  IMMUTABLE_GET: 10
} as const

/** Notifications of the client. */
export const CLIENT_NOTICE = {
  /** The result of a QUERY is no longer wanted. */
  QUERY_CANCEL: 20,
  /** A CONNECT is no longer wanted. */
  CONNECT_CANCEL: 21,
  /** Tell of other clients that appear on a topic, with PEER, until UNWATCH. */
  WATCH: 22,
  UNWATCH: 23
} as const

/** Requests of the server: what it cannot do, as it holds no key. */
export const SERVER_REQUEST = {
  /** Sign an announcement, which the client composes itself from the fields. */
  SIGN: 40,
  /** Make the initiator's handshake message around a payload. */
  DIAL_SEND: 41,
  /** Read the responder's answer. */
  DIAL_RECV: 42,
  /** Read an initiator's handshake message and decide about it. */
  ACCEPT_RECV: 43,
  /** Make the responder's answer around a payload. */
  ACCEPT_SEND: 44
} as const

/** Notifications of the server. */
export const SERVER_NOTICE = {
  /** Peers that a QUERY found. */
  PEERS: 60,
  /** Peers that appeared on a watched topic. */
  PEER: 61,
  /** The client no longer listens on a key, because a newer session has proved that it holds it. */
  KEY_LOST: 62,
  /** The client may no longer use a topic: what it watched, looked up and announced there has ended. */
  TOPIC_DENIED: 63
} as const

/** What a stream that the server opens is for: the first byte of its meta. */
export const STREAM_KIND = {
  /** The connection of a CONNECT; the id is the dial's. */
  DIAL: 0,
  /** An accepted connection; the id is the handshake's. */
  ACCEPT: 1
} as const

/** Kinds of a QUERY. */
export const QUERY_KIND = { LOOKUP: 0, ANNOUNCE: 1, LOOKUP_AND_UNANNOUNCE: 2 } as const
/** A value of {@link QUERY_KIND}. */
export type QueryKind = (typeof QUERY_KIND)[keyof typeof QUERY_KIND]

/** The client's answer to ACCEPT_RECV. */
export const VERDICT = {
  /** Go on: ask for the answer with ACCEPT_SEND. */
  ACCEPT: 0,
  /** Do not answer the remote at all. */
  IGNORE: 1,
  /** Answer with an error: ask for the answer with ACCEPT_SEND, which carries the reason. */
  REFUSE: 2
} as const
/** A value of {@link VERDICT}. */
export type Verdict = (typeof VERDICT)[keyof typeof VERDICT]

/** Kinds of a SIGN. */
export const SIGN_KIND = { ANNOUNCE: 0, UNANNOUNCE: 1 } as const
/** A value of {@link SIGN_KIND}. */
export type SignKind = (typeof SIGN_KIND)[keyof typeof SIGN_KIND]
