import type { RawRequest } from '../client/client-request.js'

/** What the caller of `handleStream` knows about a duplex. */
export interface StreamInfo {
  /** The client's address, for `authenticate` and for logs. Default: unknown. */
  remoteAddress?: string | undefined
  /**
   * The name by which the client addressed the server, host[:port], such as the Host header of a WebSocket's upgrade.
   * Without the option `names`, a proof of a key that names a server must name this one. Default: unknown.
   */
  host?: string | undefined
  /** The HTTP request with which the link began, for `authenticate`. Default: none. */
  request?: RawRequest | undefined
}
