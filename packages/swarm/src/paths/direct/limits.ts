/** The longest session description, in characters. One for data channels has about 600, with all candidates below 4000. */
export const MAX_DESCRIPTION_LENGTH = 8 * 1024
/** The longest other text of a signal, such as a candidate. */
export const MAX_TEXT_LENGTH = 512
/** Most candidates for one peer connection: a few for each of its networks. */
export const MAX_CANDIDATES = 48
/** Most connections that share a peer connection. */
export const MAX_CHANNELS = 128
/** Channels that nobody expects, such as those of attempts that have just ended. With more, the peer connection ends. */
export const MAX_STRAY_CHANNELS = 256
/** Attempts in a row to share a peer connection that may come to nothing: then a connection makes its own. */
export const MAX_VAIN_SHARES = 2
/** Milliseconds that an attempt may take. Without a path nothing is lost: the connection stays where it is. */
export const ATTEMPT_TIMEOUT_MS = 15_000
/** Signals of one peer: this many at once, then this many a second. */
export const SIGNAL_BURST = 200
export const SIGNALS_PER_SECOND = 10
/** Attempts of one peer: this many at once, then this many a second. Each can cost us a peer connection. */
export const ASK_BURST = 5
export const ASKS_PER_SECOND = 0.2
/** Milliseconds to the next attempt after one that failed, or after a path that died; doubled each time. */
export const RETRY_MIN_MS = 1000
export const RETRY_MAX_MS = 600_000
/** A path that lasted this many milliseconds was a good one: the next attempt comes soon. */
export const GOOD_PATH_MS = 60_000
/** Most direct paths of one swarm, attempts in progress included. Browsers have a limit of 500 peer connections on a page. */
export const MAX_DIRECT_PATHS = 128
/** Most dials of a swarm at once for paths that connections have lost, as after a restart of the proxy server. */
export const MAX_SPARE_DIALS = 4
