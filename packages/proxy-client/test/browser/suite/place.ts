/** Where a suite runs, and whom it talks to. */
export interface Place {
  /** Of the proxy servers; its swarms are clients of them in turn. */
  readonly urls: readonly string[]
  /** Whether a worker's links go through a MessagePort to the page, which has the WebSockets. */
  readonly isThroughPage: boolean
}
