/** What `handleStream` may be told about a duplex. */
export interface StreamInfo {
  /** Where it comes from, for `authenticate` and for logs. Default: unknown. */
  remoteAddress?: string | undefined
  /**
   * The name by which the client asked for the server, host[:port], such as the Host header of a WebSocket's upgrade.
   * Without the option `names`, a proof of a key that names a server must name this one. Default: unknown.
   */
  host?: string | undefined
}
