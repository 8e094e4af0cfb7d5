/**
 * A swarm through a proxy server, over any duplex stream.
 * @packageDocumentation
 */
import { ProxyError } from '@swarmway/proxy-protocol'
import { moduleExports } from '@swarmway/runtime'
import * as core from '@swarmway/swarm/core'
import { ProxyClient } from './client.js'

export type { DuplexLike, ProtocolLimits } from '@swarmway/proxy-protocol'
export * from '@swarmway/swarm/core'
export type { LinkEvents, ProxyClientEvents } from './client.js'
export type { RemoteDhtStats } from './node/hyperdht-members.js'
export type { OnConnection, RemoteDht, RemoteDhtServer } from './node/remote-dht.js'
export type { KeyLoss, TopicDenial } from './node/remote-node-events.js'
export type { AuthRequest, Connect, Credentials, ProxyClientOptions, ServerOrder } from './options.js'
export { ProxyClient, ProxyClient as default, ProxyClientModule as 'module.exports', ProxyError }

/** What `require` returns: the class, with all exports as its properties. */
const ProxyClientModule = /* @__PURE__ */ moduleExports(ProxyClient, () =>
  Object.assign({ ProxyClient, ProxyError }, core)
)
type ProxyClientModule = ProxyClient
