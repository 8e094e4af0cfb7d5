/**
 * For code that uses a HyperDHT node in addition to a swarm, like the proxy server.
 * @packageDocumentation
 */
export { guardNode } from './native/guard/guard-node.js'
export { type MayPunch, punchingPool } from './native/guard/sockets.js'
export { holdNode, type NodeHold } from './native/hold-node.js'
export {
  announceNow,
  type NodeHealth,
  type NodeHealthListener,
  type NodeWatchOptions,
  type ServerHandle,
  watchNode
} from './native/node-watch.js'
export { ReceiveWindow, type ReceiveWindowOptions } from './native/receive-window/receive-window.js'
export type { Udx, UdxStream } from './native/receive-window/window-word.js'
export { releaseHandshakes } from './native/release-handshakes.js'
export { assertUdxRuns } from './native/udx-support.js'
export { isBootstrapNode, isSendable, verifyBindHost, verifyBootstrap } from './network/node-address.js'
