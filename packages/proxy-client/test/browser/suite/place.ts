/** Where a suite runs, and which servers it connects to. */
export interface Place {
  /** URLs of the proxy servers. The swarms of the suite connect to them in turn. */
  readonly urls: readonly string[]
  /** Whether a worker's links go through a MessagePort to the page, which has the WebSockets. */
  readonly isThroughPage: boolean
}
