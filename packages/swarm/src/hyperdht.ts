/**
 * For code that uses a HyperDHT node in addition to a swarm, like the proxy server.
 * @packageDocumentation
 */
export { guardNode } from './native/guard/guard-node.js'
export { isBootstrapNode, isSendable, verifyBootstrap } from './network/node-address.js'
