import { named } from './body-codec.js'
import { type NoticeTable, type NumbersOf, numbersOf } from './operation.js'
import { idBody, keyBody } from './shared-bodies.js'

/** What a client tells a server. */
export const CLIENT_NOTICES = {
  /** The result of a QUERY is no longer wanted. */
  QUERY_CANCEL: { number: 20, body: named('queryId', idBody), limits: [] },
  /** A CONNECT is no longer wanted. */
  CONNECT_CANCEL: { number: 21, body: named('dialId', idBody), limits: [] },
  /** Report other clients that appear on a topic, with PEER, until UNWATCH. */
  WATCH: { number: 22, body: named('topic', keyBody), limits: ['maxWatches'] },
  /** Undo WATCH. */
  UNWATCH: { number: 23, body: named('topic', keyBody), limits: [] }
} as const satisfies NoticeTable

/** The numbers of {@link CLIENT_NOTICES}. */
export const CLIENT_NOTICE: NumbersOf<typeof CLIENT_NOTICES> = numbersOf(CLIENT_NOTICES)
