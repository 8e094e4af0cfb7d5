/**
 * For those who use a HyperDHT node besides a swarm, as the proxy server does.
 * @packageDocumentation
 */
export { guardNode } from './native/guard/guard-node.js'
export { isBootstrapNode, isSendable, verifyBootstrap } from './network/node-address.js'
