/** The values of the bytes in the control protocol that choose between a few. */

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
