/** The reasons for refusals and resets, in plain words. */

/** @type {Readonly<Record<string, string>>} */
const REFUSALS = {
  maxClients: 'Too many clients',
  maxClientsPerNetwork: 'Too many clients of one network',
  maxGreetings: 'Too many clients connecting at once',
  maxTopics: 'A client with too many topics',
  maxWatches: 'A client that watches too many topics',
  maxKeys: 'A client with too many keys',
  listensPerSecond: 'A client that listens on keys too often',
  maxStreams: 'A client with too many streams',
  maxDials: 'A client with too many dials at once',
  maxPendingHandshakes: 'A client with too many handshakes at once',
  maxQueries: 'A client with too many queries at once',
  maxEventLoopDelayMs: 'Newcomers while the server was overloaded',
  greetingsPerSecond: 'Made to wait: too many clients connecting',
  framesPerSecond: 'Made to wait: a network that sends too much',
  localPeersPerSecond: 'Made to wait: a client with queries for crowds',
  maxDialPacketsPerMinute: 'A client that dials too many addresses',
  maxPunchPacketsPerMinute: 'A client that needs too many hole punches',
  AUTH_DENIED: 'Not authorised',
  AUTH_TIMEOUT: 'Authentication took too long',
  VERSION_MISMATCH: 'Another version of the protocol',
  NOT_A_PROXY: 'Not a Swarmway client',
  LINK_CLOSED: 'Left while connecting',
  LINK_TIMEOUT: 'Too slow while connecting',
  FRAME_TOO_LARGE: 'Frame too large',
  PROTOCOL_ERROR: 'Broke the protocol',
  SERVER_CLOSING: 'The server was closing',
  LIMIT: 'Another limit',
  OTHER: 'Other reasons'
}

/** @type {Readonly<Record<string, string>>} */
const RESETS = {
  STREAM_RESET: 'The other side closed it or is gone',
  BUFFER_LIMIT: 'Too many bytes waiting',
  SESSION_EXPIRED: 'The client did not come back',
  SERVER_CLOSING: 'The server was closing',
  LINK_CLOSED: 'The link closed',
  LINK_TIMEOUT: 'The link went silent',
  PROTOCOL_ERROR: 'Broke the protocol',
  DESTROYED: 'Ended by its owner',
  ABORTED: 'Cancelled',
  LIMIT: 'A limit was reached',
  RATE_LIMIT: 'Too many per second',
  OTHER: 'Other reasons'
}

/** @param {string} reason */
export function refusalText(reason) {
  return REFUSALS[reason] ?? reason
}

/** @param {string} reason */
export function resetText(reason) {
  return RESETS[reason] ?? reason
}
