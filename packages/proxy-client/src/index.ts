/**
 * A swarm through a proxy server, over any duplex stream.
 * @packageDocumentation
 */
export { type DuplexLike, type ProtocolLimits, ProxyError } from '@swarmway/proxy-protocol'
export * from '@swarmway/swarm/core'
export {
  type LinkEvents,
  ProxyClient,
  ProxyClient as default,
  ProxyClient as 'module.exports',
  type ProxyClientEvents
} from './client.js'
export type { KeyLoss, TopicDenial } from './node/remote-node-events.js'
export type { Connect, ProxyClientOptions } from './options.js'
